import { rm } from 'node:fs/promises'
import { syncFile } from '../file/sync-file.ts'
import type { CopyData } from './copy-thread.ts'
import { runThread } from './run-thread.ts'

/** What SQLite may have beside a database file, appended to its name; '' is the file itself. */
export const databaseSuffixes = ['', '-wal', '-shm', '-journal'] as const

/**
 * Copies the database as it is at one moment after the call, while others go on using it: a thread
 * does it, so that the event loop doesn't stand still. `to` is one file, on the disk when this
 * resolves, and whole: nothing is left of it where it rejects, which it does for a damaged database too
 * (see isDatabaseDamage).
 */
export async function copyDatabase(from: string, to: string, signal?: AbortSignal): Promise<void> {
  await removeDatabase(to)
  try {
    await runThread('copy', { from, to } satisfies CopyData, signal)
    await syncFile(to)
  } catch (error) {
    await removeDatabase(to)
    throw error
  }
}

/** With what lies beside it; no error where there is none. */
export async function removeDatabase(file: string): Promise<void> {
  for (const suffix of databaseSuffixes) await rm(`${file}${suffix}`, { force: true })
}
