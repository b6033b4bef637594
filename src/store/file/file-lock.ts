import { chown, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { FolderLock } from './folder-lock.ts'

/** Another process, or another part of this one, holds a file's lock for longer than anybody waits. */
export class LockHeldError extends Error {
  override readonly name = 'LockHeldError'
}

const patienceMs = 10_000
const retryMs = 50

/** For edits that take a moment, so that whoever comes second waits. Throws LockHeldError. */
export async function waitForFileLock(file: string): Promise<FolderLock> {
  const lock = await wait(file, performance.now() + patienceMs)
  try {
    await giveToOwner(file)
    return lock
  } catch (error) {
    lock.release()
    throw error
  }
}

async function wait(file: string, endsAt: number): Promise<FolderLock> {
  for (;;) {
    try {
      return FolderLock.take(file)
    } catch (cause) {
      if ((cause as { code?: string }).code !== 'SQLITE_BUSY') throw cause
      if (performance.now() < endsAt) await delay(retryMs)
      else throw new LockHeldError(`another holds ${file}`, { cause })
    }
  }
}

/** What root makes, the user that the server runs as couldn't lock. */
async function giveToOwner(file: string): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = await stat(dirname(file))
  await chown(file, uid, gid)
}
