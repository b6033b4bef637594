import { chown, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { TakeLock } from '../access/edit-password-file.ts'
import { FolderLock } from '../store/file/folder-lock.ts'
import { CommandError } from './command-error.ts'

const patienceMs = 10_000
const retryMs = 50

/** Of the file of users: an edit takes a moment, so that whoever comes second waits. Throws CommandError. */
export const takePasswordLock: TakeLock = async (file) => {
  const lock = await waitForLock(file, performance.now() + patienceMs)
  try {
    await giveToOwner(file)
    return lock
  } catch (error) {
    lock.release()
    throw error
  }
}

async function waitForLock(file: string, endsAt: number): Promise<FolderLock> {
  for (;;) {
    try {
      return FolderLock.take(file)
    } catch (cause) {
      if ((cause as { code?: string }).code !== 'SQLITE_BUSY') throw cause
      if (performance.now() < endsAt) await delay(retryMs)
      else throw new CommandError(`another command holds ${file}: wait until it ends`, { cause })
    }
  }
}

/** What root makes, the user that the server runs as couldn't lock. */
async function giveToOwner(file: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(dirname(file))
  await chown(file, uid, gid)
}
