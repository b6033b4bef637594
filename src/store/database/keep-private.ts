import { chmod, stat } from 'node:fs/promises'
import { unlessMissing } from '../file/unless-missing.ts'
import { databaseSuffixes } from './copy-database.ts'

const forOthers = 0o077

/**
 * Takes the database from everybody's eyes but its owner's: it holds what tokens are signed with. Earlier versions
 * made it readable for all.
 */
export async function keepPrivate(file: string): Promise<void> {
  for (const suffix of databaseSuffixes) {
    const path = `${file}${suffix}`
    const mode = (await unlessMissing(stat(path)))?.mode
    if (mode !== undefined && (mode & forOthers) !== 0) await chmodByOwner(path, mode & 0o700)
  }
}

/** Whoever isn't the owner can't; and the owner's server does. */
async function chmodByOwner(path: string, mode: number): Promise<void> {
  await chmod(path, mode).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPERM' && error.code !== 'EROFS') throw error
  })
}
