import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { copyDatabase } from '../store/database/copy-database.ts'
import { isDatabaseDamage } from '../store/database/database-damage.ts'
import { DatabaseFile } from '../store/database/database-file.ts'
import { BlobCarrier } from '../store/file/blob-carrier.ts'
import { BlobFolder } from '../store/file/blob-folder.ts'
import { refuseUnfinishedRestore } from '../store/file/restore-mark.ts'
import { unlessMissing } from '../store/file/unless-missing.ts'
import { BackupBlobs } from './backup-blobs.ts'
import { BackupError, type Problem } from './backup-error.ts'
import { BackupFolder } from './backup-folder.ts'
import { copyUsers, usersName } from './backup-users.ts'
import { batched, inLanes, listPages, listRows } from './lanes.ts'

type Settings = {
  readonly data: string
  /** The folder of the backup. */
  readonly to: string
  readonly now: () => number
  readonly onProgress: (progress: BackupProgress) => void
  /** Hears of each blob that the data folder hasn't whole, and the backup neither. */
  readonly onProblem: (problem: Problem) => void
}

export type BackupProgress = {
  readonly step: 'blobs' | 'database' | 'new blobs' | 'old blobs'
  readonly blobs: number
}

export type BackupSummary = {
  readonly endsAt: string
  readonly blobs: number
  readonly bytes: number
  /** That the folder hadn't. */
  readonly linked: number
  readonly copied: number
  /** Of these two. */
  readonly newBytes: number
  /** That an earlier backup needed and this one doesn't. */
  readonly removed: number
  readonly problems: number
}

/**
 * Backs up a data folder, beside a server that uses it: every push that was acknowledged before
 * `endsAt` is in it, whole. Where it is broken off, at whatever instruction, the backup before is
 * as it was. Throws BackupError.
 */
export async function makeBackup(settings: Settings): Promise<BackupSummary> {
  const { data, to } = settings
  const file = join(data, 'entrepot.db')
  if (!(await unlessMissing(stat(file)))) {
    throw new BackupError(`there is no database ${file} to back up`)
  }
  await refuseUnfinishedRestore(data)
  const folder = await BackupFolder.create(to, data)
  try {
    const database = DatabaseFile.open(file)
    try {
      await folder.refuseOther(database)
      return await backUp(settings, { folder, file, database })
    } finally {
      database.close()
    }
  } catch (error) {
    if (!isDatabaseDamage(error)) throw error
    const what = `${file} is damaged (${error.message}), and isn't backed up; a backup that ${to} holds stays as it was`
    throw new BackupError(`${what}. ${hint}`, { cause: error })
  } finally {
    folder.close()
  }
}

const hint =
  'Stop the server and restore that backup. Or, where snapshots/ holds a newer copy, move entrepot.db away with its -wal and -shm, and start the server: the newest copy that is whole takes its place'

/** `database` is the one in the file, which a server may be using. */
type Parts = {
  readonly folder: BackupFolder
  readonly file: string
  readonly database: DatabaseFile
}

async function backUp(settings: Settings, parts: Parts): Promise<BackupSummary> {
  const { onProgress, onProblem, now } = settings
  const { folder, file, database } = parts
  const folders = { from: new BlobFolder(settings.data), to: folder.blobs }
  const carrier = new BlobCarrier({ ...folders, partial: folder.partial })
  const taken = new BackupBlobs({ ...folders, carrier, database, onProgress, onProblem })
  // 1. Most of it, which takes long: the database that is copied then names little that isn't there.
  await inLanes(listRows(database), (row) => taken.takeEarly(row))
  // 2. What was pushed before this is in the database, and its blobs were kept before that.
  const endsAt = new Date(now()).toISOString()
  onProgress({ step: 'database', blobs: taken.counts.looked })
  const copied = join(folder.partial, 'entrepot.db')
  await copyDatabase(file, copied)
  const users = join(folder.partial, usersName)
  const hasUsers = await copyUsers(join(settings.data, usersName), users)
  // 3. What came since the first step; nothing that it took was removed.
  const sums = await complete(copied, taken)
  const files = { database: copied, users: hasUsers ? users : undefined }
  await folder.publish(files, { version: 1, endsAt, ...sums })
  // 4. Only now does nobody need them: until here, the backup before was the one.
  const removed = await removeOld(folder, onProgress)
  const { linked, copied: copiedBlobs, newBytes, problems } = taken.counts
  const { blobs, bytes } = sums
  return { endsAt, blobs, bytes, linked, copied: copiedBlobs, newBytes, removed, problems }
}

/** Sees that all it names is there, and takes out what isn't. */
async function complete(file: string, taken: BackupBlobs) {
  const copy = DatabaseFile.open(file)
  try {
    for (const rows of listPages(copy)) copy.takeOut(await taken.takeNamed(rows))
    return { ...copy.count(), database: copy.version }
  } finally {
    copy.close()
  }
}

/** Gives how many. */
async function removeOld(
  { blobs, database }: BackupFolder,
  onProgress: Settings['onProgress'],
): Promise<number> {
  const copy = DatabaseFile.open(database)
  try {
    let [looked, removed] = [0, 0]
    for await (const digests of batched(blobs.list())) {
      const named = copy.findNamed(digests)
      for (const digest of digests.filter((each) => !named.has(each))) {
        await blobs.remove(digest)
        removed++
      }
      looked += digests.length
      onProgress({ step: 'old blobs', blobs: looked })
    }
    return removed
  } finally {
    copy.close()
  }
}
