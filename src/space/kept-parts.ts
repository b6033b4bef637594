import { setImmediate } from 'node:timers/promises'
import { pushedHere } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { MeasuredParts, MirroredRepository } from '../store/parts-records.ts'
import type { ImageKey, Usage } from '../store/space-records.ts'
import { orphanForMs } from './orphans.ts'
import type { Pins } from './pins.ts'

type Settings = {
  readonly stores: Pick<Stores, 'parts' | 'space'>
  readonly pins: Pins
  readonly now: () => number
  /** Hears why they can't be measured. */
  readonly onError: (error: unknown, what: string) => void
}

type Measured = {
  readonly parts: MeasuredParts
  /** What counted as pushed by then. */
  readonly pushedBytes: number
  readonly at: number
  readonly tookMs: number
  /** How many changes it knows of. */
  readonly changes: number
}

/** What the kept bytes are, in bytes: each is in one of them. */
export type KeptBytes = {
  readonly hostedBytes: number
  readonly pinnedBytes: number
  readonly mirroredBytes: number
  readonly reclaimableBytes: number
}

const knownForMs = 500
/** Of a large store it takes seconds: no more than a twentieth of the time goes into it. */
const restsFor = 20
/** Nobody waits for longer where there is something to tell meanwhile. */
const mostWaitMs = 2_000
const pageSize = 200

/** What the kept bytes are: measured now and then, and held against what is kept at the moment. */
export class KeptParts {
  readonly #settings: Settings
  #last: Measured | undefined
  #measuring: Promise<Measured> | undefined
  #changes = 0
  readonly #closed = Promise.withResolvers<never>()
  #isClosed = false

  constructor(settings: Settings) {
    this.#settings = settings
    this.#closed.promise.catch(ignore)
  }

  /** Something changed that the next who asks is to see; of a large store, the one after that. */
  noteChange(): void {
    this.#changes++
    if (this.#last) this.#last = { ...this.#last, at: Number.NEGATIVE_INFINITY }
  }

  /** Together as much as `usage` is. Where they can't be measured, as they were, or by what was pushed alone. */
  async describe(usage: readonly Usage[]): Promise<KeptBytes> {
    const last = this.#last
    if (last && performance.now() - last.at < Math.max(knownForMs, last.tookMs * restsFor))
      return balance(last, usage)
    const measuring = this.#measureLatest().catch((error) => {
      if (!this.#isClosed) this.#settings.onError(error, "what is kept couldn't be measured")
      return last
    })
    const isSlow = last !== undefined && last.tookMs >= mostWaitMs
    const measured = isSlow ? last : await measuring
    return measured ? balance(measured, usage) : byOrigin(usage)
  }

  /** What is under way is given up. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#closed.reject(new Error('the server stops'))
    await this.#measuring?.catch(ignore)
  }

  /** Not what was being measured when something changed. */
  async #measureLatest(): Promise<Measured> {
    const measured = await this.#measure()
    return measured.changes === this.#changes ? measured : this.#measure()
  }

  #measure(): Promise<Measured> {
    this.#measuring ??= this.#measureAnew().finally(() => {
      this.#measuring = undefined
    })
    return this.#measuring
  }

  async #measureAnew(): Promise<Measured> {
    const { stores, now } = this.#settings
    const [startedAt, changes] = [performance.now(), this.#changes]
    const pushedBytes = pushedOf(await stores.space.measureUsage())
    const pinned = await this.#findPinned()
    const measuring = stores.parts.measureParts({ ...pinned, before: now() - orphanForMs })
    const parts = await Promise.race([measuring, this.#closed.promise])
    const at = performance.now()
    const measured = { parts, pushedBytes, at, tookMs: at - startedAt, changes }
    if (changes === this.#changes) this.#last = measured
    return measured
  }

  async #findPinned(): Promise<{ whole: readonly number[]; images: readonly ImageKey[] }> {
    const { stores, pins } = this.#settings
    const [whole, images]: [number[], ImageKey[]] = [[], []]
    if (pins.isEmpty) return { whole, images }
    let after: number | undefined
    do {
      const page = await stores.parts.listMirrored({ after, limit: pageSize })
      for (const repository of page) {
        if (pins.holdsAll(repository.source)) whole.push(repository.id)
        else if (pins.mayHold(repository.source)) images.push(...(await this.#findIn(repository)))
      }
      after = page.length < pageSize ? undefined : page.at(-1)?.id
      await setImmediate()
    } while (after !== undefined && !this.#isClosed)
    return { whole, images }
  }

  /** By names of their own; what they list is found with them. */
  async #findIn({ id, source }: MirroredRepository): Promise<readonly ImageKey[]> {
    const { stores, pins } = this.#settings
    const found: ImageKey[] = []
    let after: ImageKey['digest'] | undefined
    do {
      const page = await stores.parts.listNamed({ repositoryId: id, after, limit: pageSize })
      for (const { digest, tags } of page) {
        if (pins.find({ source, digest, tags })) found.push({ repositoryId: id, digest })
      }
      after = page.length < pageSize ? undefined : page.at(-1)?.digest
      await setImmediate()
    } while (after !== undefined && !this.#isClosed)
    return found
  }
}

/** What came and went since then counts for what was pushed, or for what was mirrored. */
function balance({ parts, pushedBytes }: Measured, usage: readonly Usage[]): KeptBytes {
  let left = usage.reduce((sum, { bytes }) => sum + bytes, 0)
  const take = (bytes: number) => {
    const taken = Math.max(0, Math.min(bytes, left))
    left -= taken
    return taken
  }
  const hostedBytes = take(parts.hosted + pushedOf(usage) - pushedBytes)
  const pinnedBytes = take(parts.pinned)
  const reclaimableBytes = take(parts.reclaimable)
  return { hostedBytes, pinnedBytes, mirroredBytes: left, reclaimableBytes }
}

function byOrigin(usage: readonly Usage[]): KeptBytes {
  const none = { hosted: 0, pinned: 0, mirrored: 0, reclaimable: 0 }
  const nothing = { parts: none, pushedBytes: 0, at: 0, tookMs: 0, changes: 0 }
  return balance(nothing, usage)
}

function pushedOf(usage: readonly Usage[]): number {
  return usage.find(({ upstream }) => upstream === pushedHere)?.bytes ?? 0
}

function ignore(): void {}
