import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { readCertificates } from './certificates.ts'
import type { TlsConfig } from './config.ts'

/** Why clients refuse the certificate today. The server starts with it all the same. */
export function findValidityFault(tls: TlsConfig, nowMs: number): string | undefined {
  const { validFromDate, validToDate } = ownCertificate(tls)
  const what = `the certificate in ${tls.cert}`
  if (validToDate.getTime() < nowMs) {
    return `${what} expired on ${dayOf(validToDate)}, and clients refuse it: renew it`
  }
  if (validFromDate.getTime() > nowMs) {
    return `${what} is valid only from ${dayOf(validFromDate)}, and clients refuse it until then: is the clock right?`
  }
  return undefined
}

/** The last day on which clients accept it. */
export function expiryOf(tls: TlsConfig): string {
  return dayOf(ownCertificate(tls).validToDate)
}

/** The host itself where the certificate is for it, else a host that the certificate is for. */
export function hostForClients(tls: TlsConfig, host: string): string {
  const certificate = ownCertificate(tls)
  if (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) return host
  const [, name] = /DNS:([a-z0-9.-]+)/i.exec(certificate.subjectAltName ?? '') ?? []
  return name ?? host
}

/** The server's own comes first; the files were checked when they were read. */
function ownCertificate({ cert, certPem }: TlsConfig): X509Certificate {
  const [own] = readCertificates(certPem) ?? []
  if (!own) throw new Error(`there is no certificate in ${cert}`)
  return own
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10)
}
