import { createPrivateKey, type KeyObject } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { holdsCertificate, nameOf, readCertificates } from './certificates.ts'

/** The keys of `tls` that name a file. */
export const tlsFileKeys = ['cert', 'key', 'clientCa'] as const

type TlsFileKey = (typeof tlsFileKeys)[number]

/** A file that `tls` names, and its content. */
export interface TlsFile {
  readonly key: TlsFileKey
  readonly file: string
  readonly text: string
}

/** What is wrong with a file of `tls`. Shows nothing of what a private key holds. */
export interface TlsFault {
  readonly key: TlsFileKey
  readonly found: string
  readonly wanted: string
}

export const wantedInFile = {
  cert: "a PEM file with the server's certificate first, then those between it and its CA",
  key: "a PEM file that holds the certificate's private key",
  clientCa:
    "a PEM file with the certificate of each CA that clients' certificates are from, and no key",
} as const

const privateKey = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/
const finders = { cert: findCertificateFault, key: findKeyFault, clientCa: findCaFault }
const encryptedKey = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: *4, *ENCRYPTED/m

/** What is wrong with one file by itself. */
export function findFileFault({ key, file, text }: TlsFile): TlsFault | undefined {
  if (key === 'key' && encryptedKey.test(text)) return refuseEncrypted(file)
  const what = finders[key](text)
  return what === undefined ? undefined : faultOf(key, `${file}, ${what}`)
}

/** What keeps a server from using two files that are right by themselves. */
export function findPairFault(cert: TlsFile, key: TlsFile): TlsFault | undefined {
  const ownKey = createPrivateKey(key.text)
  const [first, ...others] = readCertificates(cert.text) ?? []
  if (first?.checkPrivateKey(ownKey)) return findUseFault(cert, key)
  if (others.some((other) => other.checkPrivateKey(ownKey))) {
    return faultOf('cert', `${cert.file}, whose first certificate isn't the one of ${key.file}`)
  }
  return faultOf('key', `${key.file}, which isn't the key of the certificate in ${cert.file}`)
}

function findCertificateFault(text: string): string | undefined {
  if (!holdsCertificate(text)) {
    return `which holds ${privateKey.test(text) ? 'a private key' : 'no certificate'}`
  }
  return readCertificates(text) ? undefined : 'which holds a certificate that cannot be read'
}

/** A CA's key has no place at the server: whoever has it makes certificates. */
function findCaFault(text: string): string | undefined {
  if (privateKey.test(text)) return 'which holds a private key'
  const fault = findCertificateFault(text)
  if (fault !== undefined) return fault
  const all = readCertificates(text) ?? []
  const other = all.find(({ ca }) => !ca)
  if (other) return `which holds a certificate that is no CA's (${nameOf(other)})`
  // A server of Node's believes a CA only together with those above it.
  const lone = all.find((ca) => !all.some((above) => ca.checkIssued(above)))
  return lone && `which holds the CA ${nameOf(lone)} without the one above it that signed it`
}

function findKeyFault(text: string): string | undefined {
  if (!privateKey.test(text)) {
    return `which holds ${holdsCertificate(text) ? 'a certificate' : 'no private key'}`
  }
  return readKey(text) ? undefined : 'which holds a private key that cannot be read'
}

function readKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text)
  } catch {
    return undefined
  }
}

/** OpenSSL has rules of its own, such as the least length of a key. */
function findUseFault(cert: TlsFile, key: TlsFile): TlsFault | undefined {
  try {
    createSecureContext({ cert: cert.text, key: key.text })
    return undefined
  } catch (error) {
    const reason = error instanceof Error && 'reason' in error ? error.reason : 'no reason given'
    const found = `${cert.file}, which TLS can't be served with (${reason})`
    const wanted = 'a certificate of today: RSA with at least 2048 bits, or EC'
    return { key: 'cert', found, wanted }
  }
}

function refuseEncrypted(file: string): TlsFault {
  const wanted =
    'a key without a passphrase, since nobody can type it in when the server starts: ' +
    `openssl pkey -in ${file} -out NEW-FILE`
  return { key: 'key', found: `${file}, whose private key is encrypted`, wanted }
}

function faultOf(key: TlsFault['key'], found: string): TlsFault {
  return { key, found, wanted: wantedInFile[key] }
}
