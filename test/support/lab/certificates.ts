import { mkdir, readFile, writeFile } from 'node:fs/promises'
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

const extensions = 'subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=CA:FALSE\n'

export const makeCertificates = async (folder: string): Promise<Certificates> => {
  await mkdir(folder, { recursive: true })
  const file = (name: string) => join(folder, name)
  const [caFile, caKey] = [file('ca.pem'), file('ca.key')]
  const [certFile, keyFile, signingRequest] = [file('tls.pem'), file('tls.key'), file('tls.csr')]
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const openssl = (...parameters: string[]) => runToSuccess(['openssl', ...parameters])

  await writeFile(file('extensions'), extensions)
  await openssl('req', '-x509', ...newKey, '-days', '2', ...subject('CA'), ...out(caFile, caKey))
  await openssl('req', '-new', ...newKey, ...subject('localhost'), ...out(signingRequest, keyFile))
  const signing = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial', '-days', '2']
  const request = ['-req', '-in', signingRequest, '-extfile', file('extensions')]
  await openssl('x509', ...request, ...signing, '-out', certFile)

  const read = (path: string) => readFile(path, 'utf8')
  const [ca, cert, key] = await Promise.all([read(caFile), read(certFile), read(keyFile)])
  return { caFile, certFile, keyFile, ca, cert, key }
}

const subject = (name: string): string[] => ['-subj', `/CN=${name}`]
const out = (file: string, key: string): string[] => ['-out', file, '-keyout', key]
