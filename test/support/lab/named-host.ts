import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runToSuccess } from './background-process.ts'
import type { Pair } from './certificates.ts'
import type { Lab } from './lab.ts'
import type { Namespace } from './namespace.ts'

/** Where clients of a namespace find a server by a name, which some of them treat otherwise than a loopback address. */
export interface NamedHost {
  readonly host: string
  /** Of 127.0.0.1, and of the host there. */
  readonly port: number
  readonly mirrorCa: string
  readonly clientCertificate?: Pair | undefined
}

// Reserved for documentation (RFC 5737): nobody's.
const address = '192.0.2.10'

/** Makes the namespace know the host, and what dockerd, which can be told so nowhere else, reads about it in /etc. */
export const nameHost = async (
  lab: Lab,
  namespace: Namespace,
  { host, port, mirrorCa, clientCertificate: own }: NamedHost,
): Promise<void> => {
  const inside = (...command: string[]) => runToSuccess(namespace.inside(command))
  await inside('ip', 'address', 'add', `${address}/32`, 'dev', 'lo')
  const hosts = lab.path('hosts')
  await writeFile(hosts, `127.0.0.1 localhost\n${address} ${host}\n`)
  await inside('mount', '--bind', hosts, '/etc/hosts')
  const docker = lab.path('etc-docker')
  const certificates = join(docker, 'certs.d', `${host}:${port}`)
  await mkdir(certificates, { recursive: true })
  await copyFile(mirrorCa, join(certificates, 'ca.crt'))
  if (own) await copyFile(own.certFile, join(certificates, 'client.cert'))
  if (own) await copyFile(own.keyFile, join(certificates, 'client.key'))
  await inside('mkdir', '-p', '/etc/docker')
  await inside('mount', '--bind', docker, '/etc/docker')
  await namespace.expose(port, address)
}
