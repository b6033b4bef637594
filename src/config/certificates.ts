import { X509Certificate } from 'node:crypto'

const pemBlock = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

/** Whether it is the text of a PEM file, which some put where its path is wanted. */
export function holdsPem(text: string): boolean {
  return text.includes('-----BEGIN ')
}

export function holdsCertificate(text: string): boolean {
  return text.search(pemBlock) !== -1
}

/** Whose it is, on one line. */
export function nameOf({ subject }: X509Certificate): string {
  return subject.replaceAll('\n', ', ')
}

/** The certificates of a PEM text in their order, or undefined where one of them can't be read. */
export function readCertificates(text: string): readonly X509Certificate[] | undefined {
  try {
    return (text.match(pemBlock) ?? []).map((block) => new X509Certificate(block))
  } catch {
    return undefined
  }
}
