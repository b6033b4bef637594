import { type FileHandle, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFile } from './sync-file.ts'

type Move = {
  readonly handle: FileHandle
  readonly from: string
  readonly to: string
  /** Called when it is there, in place of what was there before. */
  readonly onTaken: () => void
}

/**
 * Gives content its final name, at once and whole. It is synced before that: after a power failure a
 * name without its bytes would be served as whole. Then the folder, so that the name lasts as well.
 */
export async function finishFile({ handle, from, to, onTaken }: Move): Promise<void> {
  await handle.datasync()
  await rename(from, to)
  onTaken()
  await syncFile(dirname(to))
}
