import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { unneededForMs } from '../unowned-records.ts'
import type { ResumeLock } from './resume-lock.ts'
import { unlessMissing } from './unless-missing.ts'

type OnError = (error: unknown, what: string) => void

/** A file name in the folder that is its owner's until `release`; calling that twice is fine. */
export type UnfinishedName = { readonly path: string; readonly release: () => void }

type Settings = {
  /** Whoever has it may go on with what earlier runs left. */
  readonly lock: ResumeLock
  /** Hears of what can't be removed. */
  readonly onError: OnError
}

const cleanEveryMs = 3_600_000

/**
 * The names of what isn't finished: which are in use, which may be gone on with, and which nobody wants
 * any more. Two processes may have been started on one folder by mistake and must never write into
 * one file, so a name that a later run can find again is given out only under the folder's lock.
 */
export class UnfinishedFolder {
  readonly #folder: string
  readonly #settings: Settings
  readonly #taken = new Set<string>()
  readonly #timer: NodeJS.Timeout
  #cleaning: Promise<unknown>

  private constructor(folder: string, settings: Settings) {
    this.#folder = folder
    this.#settings = settings
    this.#cleaning = this.clean(unneededForMs)
    this.#timer = setInterval(() => {
      this.#cleaning = this.clean(unneededForMs)
    }, cleanEveryMs).unref()
  }

  /** Makes the folder. */
  static async open(path: string, settings: Settings): Promise<UnfinishedFolder> {
    await mkdir(path, { recursive: true })
    const folder = new UnfinishedFolder(path, settings)
    await folder.#cleaning
    return folder
  }

  /** Where the name that `base` always has lies, whoever uses it. */
  pathOf(base: string): string {
    return join(this.#folder, base)
  }

  /** A name that no process ever uses again. */
  takeUnique(base: string): UnfinishedName {
    return this.#take(`${base}.${randomUUID()}`)
  }

  /** The name that `base` always has; undefined while it is in use, or where another process may use it. */
  async takeResumable(base: string): Promise<UnfinishedName | undefined> {
    const isOurs = await this.#settings.lock.isHeld()
    return isOurs && !this.#taken.has(base) ? this.#take(base) : undefined
  }

  /** Only when every name is released. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#cleaning
  }

  #take(name: string): UnfinishedName {
    this.#taken.add(name)
    let isOurs = true
    const release = () => {
      // By the second call the name may be another's.
      if (isOurs) this.#taken.delete(name)
      isOurs = false
    }
    return { path: this.pathOf(name), release }
  }

  /** Removes what nobody has written to for so long; gives how many bytes. */
  async clean(unusedForMs: number): Promise<number> {
    const isOurs = await this.#settings.lock.ensure()
    const names = await this.#attempt(() => readdir(this.#folder))
    let bytes = 0
    for (const name of names ?? []) {
      if (!isOurs && isResumable(name)) continue
      const act = () => this.#removeIfAbandoned(name, unusedForMs)
      bytes += (await this.#attempt(act)) ?? 0
    }
    return bytes
  }

  /** A time in the future counts as new. */
  async #removeIfAbandoned(name: string, unusedForMs: number): Promise<number> {
    const path = join(this.#folder, name)
    const found = await unlessMissing(lstat(path))
    if (!found || Date.now() - found.mtimeMs <= unusedForMs || this.#taken.has(name)) return 0
    const { release } = this.#take(name)
    await rm(path, { recursive: true, force: true }).finally(release)
    return found.size
  }

  async #attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act()
    } catch (error) {
      const what = `what lies abandoned in ${basename(this.#folder)}/ couldn't be removed`
      this.#settings.onError(error, what)
      return undefined
    }
  }
}

/** Whether a later run could go on with it: see takeUnique. */
function isResumable(name: string): boolean {
  return !name.includes('.')
}
