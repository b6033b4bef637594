import { mkdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { isDatabaseDamage } from '../store/database/database-damage.ts'
import { DatabaseFile } from '../store/database/database-file.ts'
import { BlobFolder } from '../store/file/blob-folder.ts'
import { FolderLock } from '../store/file/folder-lock.ts'
import { syncFile } from '../store/file/sync-file.ts'
import { unlessMissing } from '../store/file/unless-missing.ts'
import { BackupError } from './backup-error.ts'
import { type BackupNote, readNote, writeNote } from './backup-note.ts'
import { usersName } from './backup-users.ts'
import { listContents } from './list-contents.ts'

export const lockName = 'backup.lock'
export const noteName = 'backup.json'
export const databaseName = 'entrepot.db'

/**
 * A folder that holds a backup: `blobs/` as in a data folder, `entrepot.db`, `htpasswd` where there are users,
 * and `backup.json`, all three of the last that was finished. `partial/` is what one under way writes.
 */
export class BackupFolder {
  readonly #path: string
  readonly #lock: FolderLock | undefined
  readonly blobs: BlobFolder

  private constructor(path: string, lock: FolderLock | undefined) {
    this.#path = path
    this.#lock = lock
    this.blobs = new BlobFolder(path)
  }

  /** To write to, by nobody else; made where it isn't there. Throws BackupError where it is something else. */
  static async create(path: string, dataFolder: string): Promise<BackupFolder> {
    await asFolder(path, mkdir(path, { recursive: true }))
    const [place, data] = [await realpath(path), await realpath(dataFolder)]
    if (`${place}${sep}`.startsWith(`${data}${sep}`)) {
      throw new BackupError(`${path} lies in the data folder: name one that is outside of it`)
    }
    const names = await listContents(path)
    if (names.length > 0 && !names.includes(lockName) && !names.includes(noteName)) {
      throw new BackupError(`${path} isn't empty and holds no backup: name another folder`)
    }
    const folder = new BackupFolder(path, takeLock(path))
    await rm(folder.partial, { recursive: true, force: true })
    await mkdir(folder.partial)
    await folder.blobs.make()
    return folder
  }

  /** To read from; where it can be written to, nobody does meanwhile. Throws BackupError where no backup was finished. */
  static async open(path: string): Promise<BackupFolder> {
    // Before anything is written there: it may be a folder of somebody else's.
    await requireNote(path)
    return new BackupFolder(path, takeLock(path, { isNeeded: false }))
  }

  get partial(): string {
    return join(this.#path, 'partial')
  }

  get database(): string {
    return join(this.#path, databaseName)
  }

  /**
   * Throws BackupError where it holds a backup of another database. A data folder that is new, since its
   * disk wasn't mounted or somebody named another, must not cost what the old one is to be restored from.
   */
  async refuseOther({ madeAt }: DatabaseFile): Promise<void> {
    const known = await this.#findMadeAt()
    if (known === undefined || known === madeAt) return
    const what = `${this.#path} holds a backup of another database: that one was made at ${known}, and the one to back up at ${madeAt}`
    throw new BackupError(`${what}. Name another folder, or delete this backup first`)
  }

  readNote(): Promise<BackupNote> {
    return requireNote(this.#path)
  }

  /** Not there where nobody can log in. */
  get users(): string {
    return join(this.#path, usersName)
  }

  /** Makes these files, with all the blobs that are in the folder, the backup that it holds. */
  async publish(
    { database, users }: { readonly database: string; readonly users: string | undefined },
    note: BackupNote,
  ): Promise<void> {
    await this.blobs.sync()
    await syncFile(database)
    await rename(database, this.database)
    if (users === undefined) await rm(this.users, { force: true })
    else await rename(users, this.users)
    await writeNote(join(this.#path, noteName), note)
    await syncFile(this.#path)
  }

  close(): void {
    this.#lock?.release()
  }

  /** Undefined where there is none, or it can't be restored from anyway. */
  async #findMadeAt(): Promise<string | undefined> {
    if (!(await unlessMissing(stat(this.database)))) return undefined
    let backup: DatabaseFile | undefined
    try {
      backup = DatabaseFile.open(this.database)
      return backup.madeAt
    } catch (error) {
      if (isDatabaseDamage(error)) return undefined
      throw error
    } finally {
      backup?.close()
    }
  }
}

/** Throws BackupError where the path, or what is to hold it, is a file. */
async function asFolder<T>(path: string, acting: Promise<T>): Promise<T> {
  try {
    return await acting
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    if (!['EEXIST', 'ENOTDIR'].includes(code)) throw cause
    throw new BackupError(`${path} is no folder: name another`, { cause })
  }
}

async function requireNote(path: string): Promise<BackupNote> {
  const note = await asFolder(path, readNote(join(path, noteName)))
  if (note) return note
  throw new BackupError(`${path} holds no finished backup: there is no ${noteName} in it`)
}

/** A folder that can't be written to needs no lock to be read. */
function takeLock(path: string, { isNeeded = true } = {}): FolderLock | undefined {
  try {
    return FolderLock.take(join(path, lockName))
  } catch (error) {
    if ((error as { code?: string }).code === 'SQLITE_BUSY') {
      throw new BackupError(
        `another backup into ${path}, or a restore from it, is under way: wait until it has ended`,
        { cause: error },
      )
    }
    if (isNeeded) throw error
    return undefined
  }
}
