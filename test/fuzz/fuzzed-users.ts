import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hashPassword } from '../../src/access/password-hash.ts'

/** Who may everything. */
export const asAlice: string = `Authorization: Basic ${btoa('alice:wonderland')}`

/** Adds her, before the server starts. */
export async function addAlice(folder: string): Promise<void> {
  const data = join(folder, 'data')
  await mkdir(data, { recursive: true })
  await writeFile(join(data, 'htpasswd'), `alice:${await hashPassword('wonderland')}\n`)
}
