import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClientOptions } from './client.ts'

/** Writes what skopeo and podman read about mirrors, and returns the file. */
export const writeRegistriesConf = async (
  folder: string,
  { mirrorPort, mirrorCa }: Pick<ClientOptions, 'mirrorPort' | 'mirrorCa'>,
): Promise<string> => {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'registries.conf')
  const address = `127.0.0.1:${mirrorPort}`
  const insecure = `insecure = ${mirrorCa === undefined}`
  const lines = [
    '[[registry]]',
    'location = "docker.io"',
    '[[registry.mirror]]',
    `location = "${address}/docker.io"`,
    insecure,
    '[[registry]]',
    `location = "${address}"`,
    insecure,
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}

/** The parameters with which the two believe a CA and show a certificate, for the option that their command has for it. */
export const writeCertificateFolder = async (
  folder: string,
  option: string,
  { mirrorCa, clientCertificate: own }: Pick<ClientOptions, 'mirrorCa' | 'clientCertificate'>,
): Promise<readonly string[]> => {
  if (mirrorCa === undefined) return []
  const certificates = join(folder, 'certificates')
  await mkdir(certificates, { recursive: true })
  await copyFile(mirrorCa, join(certificates, 'ca.crt'))
  if (own) await copyFile(own.certFile, join(certificates, 'client.cert'))
  if (own) await copyFile(own.keyFile, join(certificates, 'client.key'))
  return [option, certificates]
}
