import { lstat, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from '../store/file/unless-missing.ts'
import type { KeptBackup } from './any-backups.ts'
import { databaseName, lockName, noteName } from './backup-folder.ts'
import { readNote } from './backup-note.ts'

/** More aren't told, nor made. */
export const mostBackups = 100
/** Folders of others may lie beside them; more aren't looked at. */
const mostLooked = 1_000

/** Nothing in it leads elsewhere, and no system takes it for something special. */
export function isBackupName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)
}

/** The folders there that hold a backup or the beginning of one, by name. Links aren't followed. */
export async function listBackups(folder: string): Promise<readonly KeptBackup[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries
    .filter((entry) => entry.isDirectory() && isBackupName(entry.name))
    .map(({ name }) => name)
    .sort()
    .slice(0, mostLooked)
  const found: KeptBackup[] = []
  for (const name of names) {
    const backup = await describeBackup(folder, name)
    if (backup) found.push(backup)
    if (found.length === mostBackups) break
  }
  return found
}

/** Whether something of that name is there that is no folder, such as a link to one elsewhere. */
export async function isTakenByOther(folder: string, name: string): Promise<boolean> {
  const found = await unlessMissing(lstat(join(folder, name)))
  return found !== undefined && !found.isDirectory()
}

async function describeBackup(folder: string, name: string): Promise<KeptBackup | undefined> {
  const path = join(folder, name)
  const unknown = { name, endsAt: undefined, blobs: undefined, bytes: undefined }
  try {
    const note = await readNote(join(path, noteName))
    if (!note)
      return (await isThere(join(path, lockName))) ? { ...unknown, state: 'unfinished' } : undefined
    if (!(await isThere(join(path, databaseName)))) return { ...unknown, state: 'unreadable' }
    const { endsAt, blobs, bytes } = note
    return { name, state: 'whole', endsAt, blobs, bytes }
  } catch {
    return { ...unknown, state: 'unreadable' }
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await unlessMissing(stat(path))) !== undefined
}
