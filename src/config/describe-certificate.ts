import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { nameOf, readCertificates } from './certificates.ts'
import type { TlsConfig } from './config.ts'

/** Why certificates don't do today what they are for. The server starts with them all the same. */
export function listValidityFaults(tls: TlsConfig, nowMs: number): readonly string[] {
  const own = findPeriodFault(ownCertificate(tls), nowMs, 'clients refuse it')
  const faults = own === undefined ? [] : [`the certificate in ${tls.cert} ${own}`]
  for (const ca of readCertificates(tls.clientCaPem ?? '') ?? []) {
    const fault = findPeriodFault(ca, nowMs, "clients' certificates of it are refused")
    if (fault !== undefined) faults.push(`the CA ${nameOf(ca)} in ${tls.clientCa} ${fault}`)
  }
  return faults
}

function findPeriodFault(
  { validFromDate, validToDate }: X509Certificate,
  nowMs: number,
  effect: string,
): string | undefined {
  if (validToDate.getTime() < nowMs) {
    return `expired on ${dayOf(validToDate)}, and ${effect}: renew it`
  }
  if (validFromDate.getTime() <= nowMs) return undefined
  return `is valid only from ${dayOf(validFromDate)}, and ${effect} until then: is the clock right?`
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
