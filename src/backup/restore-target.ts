import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '../oci/digest.ts'
import { isOpenElsewhere } from '../store/database/open-elsewhere.ts'
import { moveAside } from '../store/database/put-back.ts'
import { FolderLock } from '../store/file/folder-lock.ts'
import { Quarantine } from '../store/file/quarantine.ts'
import { isRestoreMarked, markRestore, unmarkRestore } from '../store/file/restore-mark.ts'
import { syncFile } from '../store/file/sync-file.ts'
import { BackupError } from './backup-error.ts'
import { areSameUsers, copyUsers, usersName } from './backup-users.ts'
import { listContents } from './list-contents.ts'

const databaseName = 'entrepot.db'
const lockName = 'partial.lock'
const unfinishedName = `${databaseName}.restoring`
/** What a restore that was killed before it began has left. */
const ofNoMatter = /^(partial\.lock|entrepot\.db\.restoring.*|htpasswd\.restoring)$/

/** A data folder that is made of a backup, while no server uses it. */
export class RestoreTarget {
  readonly #folder: string
  readonly #lock: FolderLock
  readonly #quarantine: Quarantine

  private constructor(folder: string, lock: FolderLock) {
    this.#folder = folder
    this.#lock = lock
    this.#quarantine = new Quarantine(join(folder, 'quarantine'))
  }

  /** Makes it where it isn't there. Throws BackupError where it is in use, or holds something and `isForced` doesn't say that this is fine. */
  static async open(
    folder: string,
    { isForced }: { readonly isForced: boolean },
  ): Promise<RestoreTarget> {
    await mkdir(folder, { recursive: true })
    const names = (await listContents(folder)).filter((name) => !ofNoMatter.test(name))
    // One that was broken off goes on.
    if (names.length > 0 && !isForced && !(await isRestoreMarked(folder))) {
      throw new BackupError(
        `the data folder ${folder} isn't empty: with --force what the backup holds is added to it, and its database takes the place of the one there, which is kept under another name`,
      )
    }
    const target = new RestoreTarget(folder, takeLock(folder))
    try {
      await target.#refuseOthers()
      return target
    } catch (error) {
      target.close()
      throw error
    }
  }

  /** Where the database is made ready. */
  get unfinishedDatabase(): string {
    return join(this.#folder, unfinishedName)
  }

  /** From now on no server starts there until it is finished. */
  async begin(): Promise<void> {
    await markRestore(this.#folder)
    await mkdir(join(this.#folder, 'partial'), { recursive: true })
  }

  /** Moves a file that isn't what its name says out of the way. */
  async quarantine(digest: Digest, path: string): Promise<void> {
    await this.#quarantine.take({ path, name: digest, why: 'a restore found other bytes in it' })
  }

  /**
   * Puts the users of a backup in the place of those that are there, who are kept under another name. Without
   * any in the backup, as in those that earlier versions made, the others stay.
   */
  async takeUsers(from: string, now: number): Promise<void> {
    const users = join(this.#folder, usersName)
    const written = `${users}.restoring`
    if (await areSameUsers(from, users)) return
    if (!(await copyUsers(from, written))) return
    await moveAside(users, 'before-restore', now)
    await rename(written, users)
  }

  /**
   * Puts the database in its place; gives where the one before lies now. All else is on the disk by then.
   * Throws BackupError where somebody uses the one before.
   */
  async finish(now: number): Promise<string | undefined> {
    const database = join(this.#folder, databaseName)
    await syncFile(this.unfinishedDatabase)
    // What began before the folder was marked would go on with the database that is moved away.
    await this.#refuseOthers()
    const movedTo = await moveAside(database, 'before-restore', now)
    await rename(this.unfinishedDatabase, database)
    await syncFile(this.#folder)
    await unmarkRestore(this.#folder)
    return movedTo
  }

  close(): void {
    this.#lock.release()
  }

  /** A command that works beside a server has no lock, but the database open. */
  async #refuseOthers(): Promise<void> {
    if (!(await isOpenElsewhere(join(this.#folder, databaseName)))) return
    throw new BackupError(explain('another process', this.#folder))
  }
}

/** A server has the same one while it runs. */
function takeLock(folder: string): FolderLock {
  try {
    return FolderLock.take(join(folder, lockName))
  } catch (error) {
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
    throw new BackupError(explain('a server, or another restore,', folder), { cause: error })
  }
}

function explain(who: string, folder: string): string {
  return `${who} uses the data folder ${folder}: stop it first`
}
