import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Writes what skopeo and podman read about mirrors, and returns the file. */
export const writeRegistriesConf = async (folder: string, port: number): Promise<string> => {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'registries.conf')
  const lines = [
    '[[registry]]',
    'location = "docker.io"',
    '[[registry.mirror]]',
    `location = "127.0.0.1:${port}/docker.io"`,
    'insecure = true',
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}
