import { open, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { syncFile } from './sync-file.ts'
import { unlessMissing } from './unless-missing.ts'

const name = 'restore-unfinished'

/** A data folder into which a backup is being restored. What it says is fit for anyone to read. */
export class UnfinishedRestoreError extends Error {
  override readonly name = 'UnfinishedRestoreError'
  readonly code = 'ENTREPOT_RESTORE'

  constructor(file: string) {
    super(
      `a restore into ${dirname(file)} was broken off, or is under way: run "entrepot restore" again until it ends. To use what is there as it is, delete ${file}`,
    )
  }
}

/** Throws UnfinishedRestoreError: what was half restored must not be taken for whole. */
export async function refuseUnfinishedRestore(folder: string): Promise<void> {
  if (await isRestoreMarked(folder)) throw new UnfinishedRestoreError(join(folder, name))
}

export async function isRestoreMarked(folder: string): Promise<boolean> {
  return (await unlessMissing(stat(join(folder, name)))) !== undefined
}

/** From now on no server starts there, also after a power failure. */
export async function markRestore(folder: string): Promise<void> {
  await (await open(join(folder, name), 'a')).close()
  await syncFile(folder)
}

export async function unmarkRestore(folder: string): Promise<void> {
  await rm(join(folder, name), { force: true })
  await syncFile(folder)
}
