import { setImmediate } from 'node:timers/promises'
import type { Digest } from '../oci/digest.ts'
import type { Repository } from '../oci/repository.ts'
import type { Stores } from '../store/open-stores.ts'
import { type Freed, type Link, type LinkKey, unneededForMs } from '../store/unowned-records.ts'

type Settings = {
  readonly stores: Pick<Stores, 'blobs' | 'unowned' | 'holds'>
  readonly now: () => number
  /** Whether no push to the repository can be under way. */
  readonly isQuiet: (repository: Repository) => boolean
  /** Hears of each digest that a repository has no more, or that isn't kept any more. */
  readonly onGone: (digest: Digest) => void
}

/** Some milliseconds of work; between two of them requests are served. */
const pageSize = 100

/** Where nothing was heard of a push, what a client was told to be there stays for this long. */
const promisedForMs = 3_600_000

/** `first`: why the first of them couldn't be removed. */
type Failed = { count: number; first: unknown }

/**
 * Frees what was pushed here and nobody needs any more: layers that no image of their repository names,
 * once no push to it can be under way, or a day after they were pushed or asked for; and content that
 * no repository has. It runs beside traffic.
 */
export class Collector {
  readonly #settings: Settings
  readonly #stopping = new AbortController()
  #last: Promise<unknown> = Promise.resolve()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** A run that begins when the one under way has ended. */
  collect(): Promise<Freed> {
    const run = this.#last.then(() => this.#run())
    // Whoever asked for it hears of its failure; the next one begins all the same.
    this.#last = run.then(ignore, ignore)
    return run
  }

  /** Ends a run that is under way after what it is at. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#last
  }

  async #run(): Promise<Freed> {
    await this.#unlink()
    let freed: Freed = { blobs: 0, bytes: 0 }
    const failed: Failed = { count: 0, first: undefined }
    let after: Digest | undefined
    while (!this.#stopping.signal.aborted) {
      const page = { after, limit: pageSize }
      const { unowned, next } = await this.#settings.stores.unowned.listUnowned(page)
      freed = add(freed, await this.#free(unowned, failed))
      if (next === undefined) break
      after = next
      await setImmediate()
    }
    if (failed.count === 0) return freed
    const what = `of what nobody needs, files that couldn't be removed: ${failed.count}`
    throw new Error(what, { cause: failed.first })
  }

  async #unlink(): Promise<void> {
    const { stores, now, isQuiet, onGone } = this.#settings
    const mayGo = ({ repository, linkedAt }: Link) => {
      const ageMs = now() - linkedAt
      return ageMs > unneededForMs || (ageMs > promisedForMs && isQuiet(repository))
    }
    let after: LinkKey | undefined
    while (!this.#stopping.signal.aborted) {
      const page = { after, limit: pageSize }
      const { unlinked, next } = await stores.unowned.unlinkUnneeded(page, mayGo)
      for (const { digest } of unlinked) onGone(digest)
      if (next === undefined) break
      after = next
      await setImmediate()
    }
  }

  /** Files first: by their rows they are found again where this is cut short. */
  #free(unowned: readonly Digest[], failed: Failed): Promise<Freed> {
    const { stores, onGone } = this.#settings
    return stores.holds.takeAway(unowned, async (free) => {
      const removed: Digest[] = []
      for (const digest of await stores.unowned.findUnowned(free)) {
        onGone(digest)
        try {
          await stores.blobs.remove(digest)
          removed.push(digest)
        } catch (error) {
          if (++failed.count === 1) failed.first = error
        }
      }
      const forgotten = await stores.unowned.forgetUnowned(removed)
      const bytes = forgotten.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      return { blobs: forgotten.length, bytes }
    })
  }
}

function ignore(): void {}

function add(one: Freed, other: Freed): Freed {
  return { blobs: one.blobs + other.blobs, bytes: one.bytes + other.bytes }
}
