import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BlobFolder } from '../file/blob-folder.ts'
import { unlessMissing } from '../file/unless-missing.ts'
import { isDatabaseDamage } from './database-damage.ts'
import { openMetadataStore } from './database-metadata-store.ts'
import { keepPrivate } from './keep-private.ts'
import { findOldVersion } from './migrations/index.ts'
import { putBack } from './put-back.ts'
import { SnapshotFolder } from './snapshot-folder.ts'
import { openSqlite, type SqliteDatabase } from './sqlite-database.ts'

type Settings = {
  readonly now: () => number
  /** Whether nobody else uses the data folder: who has the database open would go on with the old one. */
  readonly isAlone: () => Promise<boolean>
  /** Hears, in words, that a snapshot took the place of a database that was gone or damaged. */
  readonly onPutBack: (message: string) => void
  /** Hears of each query, once it has ended, how long it took. */
  readonly onQuery: (ms: number) => void
}

export type OpenedDatabase = {
  readonly records: Awaited<ReturnType<typeof openMetadataStore>>
  readonly snapshots: SnapshotFolder
  readonly file: string
  /** Others may open it too. */
  readonly isShared: boolean
  /** See Database. */
  readonly readForeignVersion: SqliteDatabase['readForeignVersion']
}

/** What it says is fit for anyone to read. */
export class UnusableDatabaseError extends Error {
  override readonly name = 'UnusableDatabaseError'
  readonly code = 'ENTREPOT_DATABASE'
}

/**
 * Opens the database of a data folder, or makes it. One that is gone, while there are blobs, or is
 * damaged gives place to its newest snapshot; where there is none, one that is damaged is refused.
 * Throws UnusableDatabaseError where others may be using it.
 */
export async function openDatabase(folder: string, settings: Settings): Promise<OpenedDatabase> {
  const file = join(folder, 'entrepot.db')
  const snapshots = new SnapshotFolder(folder, file, settings.now)
  if ((await isGone(file)) && (await hasBlobs(folder))) {
    await putBackAndTell(file, snapshots, { ...settings, what: 'was gone' })
  }
  try {
    return await open(file, snapshots, settings)
  } catch (error) {
    if (!isDatabaseDamage(error)) throw error
    const what = `was damaged (${error.message})`
    if (!(await putBackAndTell(file, snapshots, { ...settings, what }))) throw error
    return open(file, snapshots, settings)
  }
}

async function open(
  file: string,
  snapshots: SnapshotFolder,
  { onQuery }: Settings,
): Promise<OpenedDatabase> {
  await keepPrivate(file)
  const database = openSqlite(file, onQuery)
  const { isShared, readForeignVersion } = database
  try {
    const oldVersion = await findOldVersion(database.queries)
    // Where nobody else can open it the disk is full, and no migration has room either.
    if (oldVersion !== undefined && isShared) await snapshots.take(oldVersion)
  } catch (error) {
    await database.queries.destroy()
    throw error
  }
  const records = await openMetadataStore(database)
  return { records, snapshots, file, isShared, readForeignVersion }
}

async function putBackAndTell(
  file: string,
  snapshots: SnapshotFolder,
  { now, isAlone, onPutBack, what }: Settings & { readonly what: string },
): Promise<boolean> {
  if (!(await isAlone())) {
    throw new UnusableDatabaseError(
      `the database ${file} ${what}. A snapshot takes its place when a server starts that no other process keeps company: stop what uses the data folder, and start it`,
    )
  }
  const done = await putBack(file, snapshots, now)
  if (!done) return false
  const { snapshot, movedTo } = done
  const hours = Math.round((now() - snapshot.takenAt) / 3_600_000)
  const aside = movedTo === undefined ? '' : ` It is kept as ${movedTo}.`
  onPutBack(
    `the database entrepot.db ${what}: snapshots/${snapshot.file}, ${hours} hours old, is in its place.${aside} What was pushed since may have to be pushed again, and what was pulled since is fetched again`,
  )
  return true
}

/** What SQLite begins anew has no content either. */
async function isGone(file: string): Promise<boolean> {
  const found = await unlessMissing(stat(file))
  return found === undefined || found.size === 0
}

async function hasBlobs(folder: string): Promise<boolean> {
  for await (const _ of new BlobFolder(folder).list()) return true
  return false
}
