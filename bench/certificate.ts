import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { promisify } from 'node:util'
import { locateProgram } from './programs.ts'
import type { Certificate } from './servers/server.ts'

const run = promisify(execFile)

/** A certificate for 127.0.0.1 that signs itself and that this process trusts from now on. */
export const createCertificate = async (directory: string): Promise<Certificate> => {
  const certFile = join(directory, 'cert.pem')
  const keyFile = join(directory, 'key.pem')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile]
  const names = ['-subj', '/CN=bench', '-addext', 'subjectAltName=IP:127.0.0.1']
  const args = ['req', '-x509', '-days', '2', ...key, ...names, '-out', certFile]
  await run(await locateProgram('openssl'), args)
  setDefaultCACertificates([...getCACertificates('default'), await readFile(certFile, 'utf8')])
  return { certFile, keyFile }
}
