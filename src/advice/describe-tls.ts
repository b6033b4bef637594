import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import type { SetupTls } from '../answers/setup.ts'
import { nameOf, readCertificates } from '../config/certificates.ts'
import type { TlsConfig } from '../config/config.ts'

/** Some milliseconds each go into a look at all public roots. */
const described = new WeakMap<TlsConfig, SetupTls>()

/** How clients meet the server by TLS. The files were checked when they were read. */
export function describeTls(tls: TlsConfig): SetupTls {
  const known = described.get(tls) ?? readTls(tls)
  described.set(tls, known)
  return known
}

function readTls({ cert, certPem, ...tls }: TlsConfig): SetupTls {
  const chain = readCertificates(certPem) ?? []
  const [own] = chain
  const last = chain.at(-1)
  if (!own || !last) throw new Error(`there is no certificate in ${cert}`)
  const ca = isSelfSigned(last) ? last : undefined
  return {
    names: listNames(own),
    validUntil: own.validToDate.toISOString(),
    issuer: ca ? nameOf(ca) : last.issuer.replaceAll('\n', ', '),
    isPublic: isPublicChain(chain),
    ca: ca && { name: nameOf(ca), pem: ca.toString() },
    clientCertificates: tls.clientCa === undefined ? 'none' : tls.clientCertificates,
  }
}

/** Whether what clients trust without being told ends it; they aren't told the root itself. */
function isPublicChain(chain: readonly X509Certificate[]): boolean {
  return rootCertificates.some((pem) => {
    const root = new X509Certificate(pem)
    return chain.some((each) => each.checkIssued(root))
  })
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate)
}

/** `DNS:nas.lan, IP Address:10.0.0.2`, without what they are, each once. */
function listNames({ subjectAltName = '' }: X509Certificate): readonly string[] {
  const found = subjectAltName.matchAll(/(?:DNS|IP Address):([^,\s"]+)/g)
  return [...new Set([...found].flatMap(([, name]) => name ?? []))]
}
