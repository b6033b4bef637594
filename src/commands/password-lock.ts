import type { TakeLock } from '../access/edit-password-file.ts'
import { LockHeldError, waitForFileLock } from '../store/file/file-lock.ts'
import { CommandError } from './command-error.ts'

/** Of the file of users: an edit takes a moment, so that whoever comes second waits. Throws CommandError. */
export const takePasswordLock: TakeLock = async (file) => {
  try {
    return await waitForFileLock(file)
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause
    throw new CommandError(`another command holds ${file}: wait until it ends`, { cause })
  }
}
