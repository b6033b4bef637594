import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Makes the folder a home without logins, and returns the environment that leads clients there. */
export const makePrivateHome = async (folder: string): Promise<Record<string, string>> => {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'config.json'), '{}')
  return { HOME: folder, XDG_RUNTIME_DIR: folder, DOCKER_CONFIG: folder }
}
