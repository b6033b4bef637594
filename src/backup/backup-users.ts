import { open, readFile, rm } from 'node:fs/promises'
import { unlessMissing } from '../store/file/unless-missing.ts'

/** Of a data folder, and of a backup: who can log in, by which hash of a password. */
export const usersName = 'htpasswd'

/** For its owner's eyes only. False where there is none, and then there is no copy either. */
export async function copyUsers(from: string, to: string): Promise<boolean> {
  await rm(to, { force: true })
  const bytes = await unlessMissing(readFile(from))
  if (!bytes) return false
  const handle = await open(to, 'wx', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return true
}

/** Whether both are there and hold the same. */
export async function areSameUsers(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all(
    [one, other].map((file) => unlessMissing(readFile(file))),
  )
  return first !== undefined && second !== undefined && first.equals(second)
}
