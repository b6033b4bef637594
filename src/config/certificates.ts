import { X509Certificate } from 'node:crypto'

const pemBlock = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/** Whether it is the content of a PEM file; what stands where a path is wanted may be a private key. */
export function holdsPem(text: string): boolean {
  return text.includes('-----BEGIN ')
}

export function holdsCertificate(text: string): boolean {
  return text.search(pemBlock) !== -1
}

/** The certificates of a PEM text in their order, or undefined where one of them can't be read. */
export function readCertificates(text: string): readonly X509Certificate[] | undefined {
  try {
    return (text.match(pemBlock) ?? []).map((block) => new X509Certificate(block))
  } catch {
    return undefined
  }
}
