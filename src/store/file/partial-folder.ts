import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { FolderLock } from './folder-lock.ts'
import { unlessMissing } from './unless-missing.ts'

type OnError = (error: unknown, what: string) => void

/** A file name under `partial/` that is its owner's until `release`; calling that twice is fine. */
export type PartialName = { readonly path: string; readonly release: () => void }

const abandonedAfterMs = 24 * 3_600_000
const cleanEveryMs = 3_600_000
const retryLockAfterMs = 5_000

/**
 * The names under `partial/`: which are in use, which may be gone on with, and which nobody wants
 * any more. Two processes may have been started on one folder by mistake and must never write into
 * one file, so a name that a later run can find again is given out only under the folder's lock.
 */
export class PartialFolder {
  readonly #folder: string
  readonly #lockFile: string
  readonly #onError: OnError
  readonly #taken = new Set<string>()
  readonly #timer: NodeJS.Timeout
  #lock: FolderLock | undefined
  #triedAt = Number.NEGATIVE_INFINITY
  #isLackKnown = false
  #cleaning: Promise<void>

  private constructor(dataFolder: string, onError: OnError) {
    this.#folder = join(dataFolder, 'partial')
    this.#lockFile = join(dataFolder, 'partial.lock')
    this.#onError = onError
    this.#cleaning = this.#clean()
    this.#timer = setInterval(() => {
      this.#cleaning = this.#clean()
    }, cleanEveryMs).unref()
  }

  /** `onError` hears why nothing can be resumed, and of what can't be removed. */
  static async open(dataFolder: string, onError: OnError): Promise<PartialFolder> {
    await mkdir(join(dataFolder, 'partial'), { recursive: true })
    const folder = new PartialFolder(dataFolder, onError)
    await folder.#cleaning
    return folder
  }

  /** A name that no process ever uses again. */
  takeUnique(base: string): PartialName {
    return this.#take(`${base}.${randomUUID()}`)
  }

  /** The name that `base` always has; undefined while it is in use, or where another process may use it. */
  async takeResumable(base: string): Promise<PartialName | undefined> {
    await this.#ensureLockSoon()
    const isOurs = await this.#lock?.isHeld()
    return isOurs && !this.#taken.has(base) ? this.#take(base) : undefined
  }

  /** Only when every name is released: the next process may use them at once. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#cleaning
    this.#lock?.release()
    this.#lock = undefined
  }

  #take(name: string): PartialName {
    this.#taken.add(name)
    let isOurs = true
    const release = () => {
      // By the second call the name may be another's.
      if (isOurs) this.#taken.delete(name)
      isOurs = false
    }
    return { path: join(this.#folder, name), release }
  }

  async #clean(): Promise<void> {
    await this.#ensureLock()
    const names = await this.#attempt(() => readdir(this.#folder))
    for (const name of names ?? []) await this.#attempt(() => this.#removeIfAbandoned(name))
  }

  /** A process that was still ending when this one began is gone by now. */
  async #ensureLockSoon(): Promise<void> {
    if (this.#lock || performance.now() - this.#triedAt < retryLockAfterMs) return
    await this.#ensureLock()
  }

  async #ensureLock(): Promise<void> {
    this.#triedAt = performance.now()
    if (await this.#lock?.isHeld()) return
    try {
      const lock = FolderLock.take(this.#lockFile)
      this.#lock?.release()
      this.#lock = lock
      this.#isLackKnown = false
    } catch (error) {
      const isBusy = (error as { code?: string }).code === 'SQLITE_BUSY'
      const why = isBusy ? 'another process uses the data folder' : "partial.lock can't be locked"
      const what = `unfinished fetches aren't resumed: ${why}`
      if (!this.#isLackKnown) this.#onError(error, what)
      this.#isLackKnown = true
    }
  }

  /** Without the lock, only what nobody can resume. A time in the future counts as new. */
  async #removeIfAbandoned(name: string): Promise<void> {
    if (!this.#lock && !name.includes('.')) return
    const path = join(this.#folder, name)
    const found = await unlessMissing(lstat(path))
    if (!found || Date.now() - found.mtimeMs <= abandonedAfterMs || this.#taken.has(name)) return
    const { release } = this.#take(name)
    await rm(path, { recursive: true, force: true }).finally(release)
  }

  async #attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act()
    } catch (error) {
      this.#onError(error, "what lies abandoned in partial/ couldn't be removed")
      return undefined
    }
  }
}
