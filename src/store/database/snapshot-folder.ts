import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFile } from '../file/sync-file.ts'
import { unlessMissing } from '../file/unless-missing.ts'
import { copyDatabase, removeDatabase } from './copy-database.ts'
import {
  formatSnapshotName,
  parseSnapshotName,
  type SnapshotName,
  sortSnapshots,
} from './snapshot-name.ts'

const keptCount = 3
const unfinished = '.partial'

/** `snapshots/` of a data folder: the last copies of its database, each whole. */
export class SnapshotFolder {
  readonly #database: string
  readonly #folder: string
  readonly #now: () => number

  /** `database` is the file, and lies right in the data folder. */
  constructor(dataFolder: string, database: string, now: () => number) {
    this.#database = database
    this.#folder = join(dataFolder, 'snapshots')
    this.#now = now
  }

  pathOf({ file }: Pick<SnapshotName, 'file'>): string {
    return join(this.#folder, file)
  }

  /** The newest first. */
  async list(): Promise<readonly SnapshotName[]> {
    const files = (await unlessMissing(readdir(this.#folder))) ?? []
    const snapshots = files.flatMap((file) => parseSnapshotName(file) ?? [])
    return sortSnapshots(snapshots, this.#now())
  }

  /** Takes one while others use the database, and removes those that are too many then. Where it rejects nothing is left of it. */
  async take(version: number, signal?: AbortSignal): Promise<void> {
    await mkdir(this.#folder, { recursive: true })
    await this.#removeUnfinished()
    const file = this.pathOf({ file: formatSnapshotName(version, this.#now()) })
    const written = `${file}${unfinished}`
    await copyDatabase(this.#database, written, signal)
    try {
      await rename(written, file)
    } catch (error) {
      await removeDatabase(written)
      throw error
    }
    await syncFile(this.#folder)
    for (const old of (await this.list()).slice(keptCount)) await rm(this.pathOf(old))
  }

  /** What a process that was killed left. */
  async #removeUnfinished(): Promise<void> {
    for (const file of await readdir(this.#folder)) {
      if (file.includes(unfinished)) await rm(join(this.#folder, file), { force: true })
    }
  }
}
