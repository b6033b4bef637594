import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runToSuccess } from './background-process.ts'

/** A server certificate for 127.0.0.1 and localhost, and the private CA that signed it. */
export interface Certificates {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
  readonly ca: string
  readonly cert: string
  readonly key: string
}

export interface CertificateOptions {
  /** How long the server's is valid; a negative number makes one that has expired. */
  readonly days?: number
  /** Another CA between the two; its certificate follows the server's in `cert`. */
  readonly isChained?: boolean
}

const forServer = 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n'
const forCa = 'basicConstraints=critical,CA:TRUE\n'
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

export const makeCertificates = async (
  folder: string,
  { days = 2, isChained = false }: CertificateOptions = {},
): Promise<Certificates> => {
  await mkdir(folder, { recursive: true })
  const ca = pairOf(folder, 'ca')
  const own = pairOf(folder, 'tls')
  await openssl('req', '-x509', ...newKey, '-days', '2', ...subject('CA'), ...out(ca))
  if (isChained) {
    const between = pairOf(folder, 'between')
    await sign(between, ca, { name: 'between', extensions: forCa, days: 2 })
    await sign(own, between, { name: 'localhost', extensions: forServer, days })
    await appendFile(own.certFile, await readFile(between.certFile))
  } else {
    await sign(own, ca, { name: 'localhost', extensions: forServer, days })
  }
  const files = [ca.certFile, own.certFile, own.keyFile].map((file) => readFile(file, 'utf8'))
  const [caPem = '', cert = '', key = ''] = await Promise.all(files)
  return { caFile: ca.certFile, ...own, ca: caPem, cert, key }
}

/** What a client shows. */
export interface ClientCertificate extends Pair {
  readonly cert: string
  readonly key: string
}

export interface ClientCertificateOptions {
  /** Its CN, ci unless it is given; what follows a slash is a further part, as in `a/CN=b`. */
  readonly name?: string
  readonly days?: number
  readonly extensions?: string
}

/** A CA of clients' certificates. */
export interface ClientCa {
  readonly caFile: string
  readonly ca: string
  issue(file: string, options?: ClientCertificateOptions): Promise<ClientCertificate>
}

const forClient = 'basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\n'

export const makeClientCa = async (folder: string): Promise<ClientCa> => {
  await mkdir(folder, { recursive: true })
  const ca = pairOf(folder, 'ca')
  await openssl('req', '-x509', ...newKey, '-days', '2', ...subject('clients'), ...out(ca))
  const issue: ClientCa['issue'] = async (file, options = {}) => {
    const { name = 'ci', days = 2, extensions = forClient } = options
    const pair = pairOf(folder, file)
    await sign(pair, ca, { name, extensions, days })
    const [cert, key] = [
      await readFile(pair.certFile, 'utf8'),
      await readFile(pair.keyFile, 'utf8'),
    ]
    return { ...pair, cert, key }
  }
  return { caFile: ca.certFile, ca: await readFile(ca.certFile, 'utf8'), issue }
}

/** A certificate's file and its key's. */
export interface Pair {
  readonly certFile: string
  readonly keyFile: string
}

const pairOf = (folder: string, name: string): Pair => {
  return { certFile: join(folder, `${name}.pem`), keyFile: join(folder, `${name}.key`) }
}

interface Wanted {
  readonly name: string
  readonly extensions: string
  readonly days: number
}

const sign = async (pair: Pair, by: Pair, { name, extensions, days }: Wanted): Promise<void> => {
  const request = { certFile: `${pair.certFile}.request`, keyFile: pair.keyFile }
  const extensionFile = `${pair.certFile}.extensions`
  await writeFile(extensionFile, extensions)
  await openssl('req', '-new', ...newKey, ...subject(name), ...out(request))
  const signer = ['-CA', by.certFile, '-CAkey', by.keyFile, '-CAcreateserial']
  const asked = ['-req', '-in', request.certFile, '-extfile', extensionFile, '-days', String(days)]
  await openssl('x509', ...asked, ...signer, '-out', pair.certFile)
}

const openssl = (...parameters: string[]) => runToSuccess(['openssl', ...parameters])
const subject = (name: string): string[] => ['-subj', `/CN=${name}`]
const out = ({ certFile, keyFile }: Pair): string[] => ['-out', certFile, '-keyout', keyFile]
