import { copyFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFile } from '../file/sync-file.ts'
import { unlessMissing } from '../file/unless-missing.ts'
import { isUnreadable } from '../file/unreadable.ts'
import { databaseSuffixes, removeDatabase } from './copy-database.ts'
import { isDatabaseDamage } from './database-damage.ts'
import { DatabaseFile } from './database-file.ts'
import { newestVersion } from './migrations/index.ts'
import type { SnapshotFolder } from './snapshot-folder.ts'
import type { SnapshotName } from './snapshot-name.ts'

/** What took the database's place. */
export type PutBack = {
  readonly snapshot: SnapshotName
  /** Where the one before lies now; undefined where there was none. */
  readonly movedTo: string | undefined
}

/**
 * Puts a copy of the newest snapshot that is whole, and not from a later version of the program, into
 * the database's place, at once and whole. What lies there is moved aside and never deleted.
 * Undefined where there is no such snapshot: then nothing is changed.
 */
export async function putBack(
  database: string,
  snapshots: SnapshotFolder,
  now: () => number,
): Promise<PutBack | undefined> {
  const written = `${database}.putting-back`
  try {
    for (const snapshot of await snapshots.list()) {
      await removeDatabase(written)
      if (snapshot.version > newestVersion) continue
      if (!(await copyWhole(snapshots.pathOf(snapshot), written))) continue
      await syncFile(written)
      const movedTo = await moveAside(database, 'damaged', now())
      await rename(written, database)
      await syncFile(dirname(database))
      return { snapshot, movedTo }
    }
    return undefined
  } finally {
    await removeDatabase(written)
  }
}

/**
 * Gives the database, with what lies beside it, another name; undefined where it isn't there. The
 * file goes first: without its log it might look whole, while a log without its file is moved by the next call.
 */
export async function moveAside(
  database: string,
  why: string,
  now: number,
): Promise<string | undefined> {
  const time = new Date(now).toISOString().slice(0, 19).replaceAll(':', '-')
  const moved = `${database}.${why}-${time}Z`
  const isThere = await move(database, moved)
  for (const suffix of databaseSuffixes) await move(`${database}${suffix}`, `${moved}${suffix}`)
  return isThere ? moved : undefined
}

/** False where it isn't there. */
async function move(from: string, to: string): Promise<boolean> {
  return (await unlessMissing(rename(from, to).then(() => true))) === true
}

/** False for one that is damaged, or that some other program made. */
async function copyWhole(from: string, to: string): Promise<boolean> {
  let copy: DatabaseFile | undefined
  try {
    await copyFile(from, to)
    copy = DatabaseFile.open(to)
    copy.check()
    return true
  } catch (error) {
    const isOther = (error as { code?: string }).code === 'SQLITE_ERROR'
    if (isUnreadable(error) || isDatabaseDamage(error) || isOther) return false
    throw error
  } finally {
    copy?.close()
  }
}
