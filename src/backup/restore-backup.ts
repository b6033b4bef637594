import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '../oci/digest.ts'
import { removeDatabase } from '../store/database/copy-database.ts'
import { isDatabaseDamage } from '../store/database/database-damage.ts'
import { DatabaseFile } from '../store/database/database-file.ts'
import { newestVersion } from '../store/database/migrations/index.ts'
import { BlobCarrier } from '../store/file/blob-carrier.ts'
import { BlobFolder } from '../store/file/blob-folder.ts'
import { BackupError, type Problem } from './backup-error.ts'
import { BackupFolder } from './backup-folder.ts'
import { inLanes, listPages } from './lanes.ts'
import { RestoreBlobs } from './restore-blobs.ts'
import { RestoreTarget } from './restore-target.ts'

type Settings = {
  /** The folder of the backup. */
  readonly from: string
  readonly data: string
  /** Whether the data folder may hold something; nothing of it is deleted. */
  readonly isForced: boolean
  readonly now: () => number
  readonly onProgress: (progress: RestoreProgress) => void
  /** Hears of each blob of the backup that can't be restored. */
  readonly onProblem: (problem: Problem) => void
}

export type RestoreProgress = { readonly blobs: number; readonly of: number }

export type RestoreSummary = {
  /** See BackupNote. */
  readonly endsAt: string
  readonly blobs: number
  readonly bytes: number
  readonly linked: number
  readonly copied: number
  /** That were right where they belong already. */
  readonly there: number
  readonly problems: number
  /** Where the database that was there lies now. */
  readonly movedTo: string | undefined
}

/**
 * Makes a data folder of a backup. Each blob is read and compared with its digest; what is wrong is left
 * out. Broken off, at whatever instruction, it leaves a folder in which no server starts, and can be
 * run again. Throws BackupError.
 */
export async function restoreBackup(settings: Settings): Promise<RestoreSummary> {
  const backup = await BackupFolder.open(settings.from)
  try {
    const note = await backup.readNote()
    if (note.database > newestVersion) throw new BackupError(tooNew)
    const target = await RestoreTarget.open(settings.data, settings)
    try {
      return { endsAt: note.endsAt, ...(await restore(settings, backup, target)) }
    } finally {
      target.close()
    }
  } finally {
    backup.close()
  }
}

const tooNew =
  'the backup was made by a later version of entrepot: restore it with that, or a newer one'

async function restore(
  { data, now, onProgress, onProblem }: Settings,
  backup: BackupFolder,
  target: RestoreTarget,
): Promise<Omit<RestoreSummary, 'endsAt'>> {
  const database = await openCopy(backup, target)
  try {
    await target.begin()
    const folders = { from: backup.blobs, to: new BlobFolder(data) }
    const carrier = new BlobCarrier({ ...folders, partial: join(data, 'partial') })
    const quarantine = (digest: Digest) => target.quarantine(digest, folders.to.path(digest))
    const taken = new RestoreBlobs({ ...folders, carrier, quarantine, onProblem })
    await folders.to.make()
    const { blobs: all } = database.count()
    for (const page of listPages(database)) {
      const lost: Digest[] = []
      await inLanes(page, async ({ digest }) => {
        if (!(await taken.take(digest))) lost.push(digest)
        onProgress({ blobs: taken.looked, of: all })
      })
      database.takeOut(lost)
    }
    await folders.to.sync()
    const sums = database.count()
    database.close()
    await target.takeUsers(backup.users, now())
    return { ...sums, ...taken.counts, movedTo: await target.finish(now()) }
  } finally {
    database.close()
  }
}

/** Checked before anything else is touched; it is put in place last. */
async function openCopy(
  backup: BackupFolder,
  { unfinishedDatabase: file }: RestoreTarget,
): Promise<DatabaseFile> {
  await removeDatabase(file)
  let database: DatabaseFile | undefined
  try {
    await copyFile(backup.database, file)
    database = DatabaseFile.open(file)
    database.check()
    return database
  } catch (error) {
    database?.close()
    await removeDatabase(file)
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!isMissing && !isDatabaseDamage(error)) throw error
    const why = isMissing ? 'missing' : `damaged (${(error as Error).message})`
    const what = `${backup.database} is ${why}`
    throw new BackupError(`${what}: restore another backup`, { cause: error })
  }
}
