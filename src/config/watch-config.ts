import { type FSWatcher, watch } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Config } from './config.ts'
import type { ConfigError } from './config-error.ts'
import type { Environment } from './environment.ts'
import { fingerprintFiles, foldersOf } from './file-fingerprint.ts'
import { type GoodReading, type Reading, readConfig } from './load-config.ts'

export interface ConfigWatcherOptions {
  readonly file: string
  readonly environment: Environment
  /** A valid change, or that one which was refused is undone. Called one at a time, and must not throw. */
  readonly onChange: (next: Config, previous: Config) => void
  /** Each reading that is right, also where nothing changed but comments. Must not throw. */
  readonly onRead?: (reading: GoodReading) => void
  /** A change that is wrong; the configuration before it stays. Must not throw. */
  readonly onRefused: (error: ConfigError) => void
  /** Between a sign of change and a look, and again until two looks see the same. */
  readonly settleMs?: number
  /** How often to look without a sign, for file systems that give none. */
  readonly pollMs?: number
}

const defaultSettleMs = 100
const defaultPollMs = 5_000

/**
 * Holds the configuration in force and takes up changes to its file and to the files it names.
 * Keeps no process alive. `close` ends it, and nothing is called back after that.
 */
export class ConfigWatcher {
  readonly #options: ConfigWatcherOptions
  readonly #folders = new Map<string, FSWatcher>()
  readonly #poll: NodeJS.Timeout
  #current: Config
  #files: readonly string[]
  #readPrint: string | undefined
  #refusedMessage: string | undefined
  /** What stands in the file isn't in force. */
  #isRefused = false
  #timer: NodeJS.Timeout | undefined
  #work: Promise<void> = Promise.resolve()
  #isClosed = false

  private constructor(options: ConfigWatcherOptions, config: Config, files: readonly string[]) {
    this.#options = options
    this.#current = config
    this.#files = [...new Set(files)]
    this.#poll = setInterval(() => this.#notice(), options.pollMs ?? defaultPollMs)
    this.#poll.unref()
  }

  /** Reads the file for the first time. Throws ConfigError. */
  static async open(options: ConfigWatcherOptions): Promise<ConfigWatcher> {
    const reading = await readConfig(options.file, options.environment)
    if (reading.error) throw reading.error
    const watcher = new ConfigWatcher(options, reading.config, reading.files)
    options.onRead?.(reading)
    await watcher.#watchFolders()
    // What changed after the reading and before the watching has given no sign.
    watcher.#notice()
    return watcher
  }

  get current(): Config {
    return this.#current
  }

  /** Reads again now, whether or not anything changed; resolves when it has been taken up. */
  reload(): Promise<void> {
    return this.#enqueue(async () => {
      this.#refusedMessage = undefined
      await this.#read(await fingerprintFiles(this.#files))
    })
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#poll)
    clearTimeout(this.#timer)
    for (const watcher of this.#folders.values()) watcher.close()
    this.#folders.clear()
  }

  /** One reading after the other, so that an older one never overtakes a newer. */
  #enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.#work.then(() => (this.#isClosed ? undefined : task()))
    // Whoever asked for a reading hears of its failure; the next one begins all the same.
    this.#work = done.catch(() => undefined)
    return done
  }

  #notice(): void {
    if (this.#timer === undefined) this.#lookLater(undefined)
  }

  #lookLater(seenPrint: string | undefined): void {
    if (this.#isClosed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#enqueue(() => this.#look(seenPrint))
    }, this.#options.settleMs ?? defaultSettleMs)
    this.#timer.unref()
  }

  // Half a file can be valid, and an empty one means all defaults: only what lies still is read.
  async #look(seenPrint: string | undefined): Promise<void> {
    const print = await fingerprintFiles(this.#files)
    if (print === this.#readPrint) return
    if (print === seenPrint) await this.#read(print)
    else this.#lookLater(print)
  }

  /** The print is older than the reading, so that a change in between is seen by the next look. */
  async #read(print: string): Promise<void> {
    const reading = await readConfig(this.#options.file, this.#options.environment)
    const known = this.#files
    const named = reading.error ? [...known, ...reading.files] : reading.files
    this.#files = [...new Set(named)]
    this.#readPrint = print
    await this.#watchFolders()
    if (this.#isClosed) return
    if (!isDeepStrictEqual(this.#files, known)) this.#notice()
    this.#takeUp(reading)
  }

  #takeUp(reading: Reading): void {
    const { config, error } = reading
    const wasRefused = this.#isRefused
    this.#isRefused = error !== undefined
    if (error) {
      if (error.message === this.#refusedMessage) return
      this.#refusedMessage = error.message
      this.#options.onRefused(error)
      return
    }
    this.#refusedMessage = undefined
    this.#options.onRead?.(reading)
    const previous = this.#current
    if (!wasRefused && isDeepStrictEqual(config, previous)) return
    this.#current = config
    this.#options.onChange(config, previous)
  }

  async #watchFolders(): Promise<void> {
    const wanted = await foldersOf(this.#files)
    if (this.#isClosed) return
    for (const folder of [...this.#folders.keys()].filter((folder) => !wanted.has(folder))) {
      this.#forget(folder)
    }
    for (const folder of wanted) {
      if (!this.#folders.has(folder)) this.#watch(folder)
    }
  }

  /** A folder that can't be watched is left to the poll. */
  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#notice())
      watcher.on('error', () => this.#forget(folder))
      this.#folders.set(folder, watcher)
    } catch {
      this.#forget(folder)
    }
  }

  #forget(folder: string): void {
    this.#folders.get(folder)?.close()
    this.#folders.delete(folder)
  }
}
