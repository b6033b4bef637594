import { setImmediate } from 'node:timers/promises'
import type { Digest } from '../oci/digest.ts'
import type { Tag } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { ColdImage, SizedBlob } from '../store/space-records.ts'
import { planEviction, sumBytes } from './dry-run.ts'
import { EvictionPlan } from './eviction-plan.ts'
import type { Excess } from './excess.ts'
import { findOrphans } from './orphans.ts'
import type { Pins } from './pins.ts'

type Settings = {
  readonly stores: Pick<Stores, 'blobs' | 'space' | 'holds' | 'accessTimes'>
  readonly pins: Pins
  readonly now: () => number
  /** Hears of each image that its repository has no more. */
  readonly onEvicted: (image: EvictedImage) => void
  /** Hears of each digest that isn't kept any more. */
  readonly onGone: (digest: Digest) => void
  /** Hears of what can't be removed. */
  readonly onError: (error: unknown, what: string) => void
  readonly signal: AbortSignal
}

export type EvictedImage = {
  readonly source: Source
  readonly digest: Digest
  readonly tags: readonly Tag[]
}

/** An image that goes, or would, and what that frees. */
export type Victim = EvictedImage & {
  readonly lastPulledAt: number
  readonly freedBytes: number
}

/** What went, or would go. */
export type Eviction = {
  readonly victims: readonly Victim[]
  /** Blobs that no image needed. */
  readonly orphans: number
  readonly freedBytes: number
  /** Whether that is as much as was to go. */
  readonly isEnough: boolean
  /** Of what was freed, what stays on the disk: a backup or a folder that was adopted has the same files. */
  readonly sharedBytes: number
}

export type Run = Pick<Excess, 'bytes' | 'upstream' | 'reason'> & {
  /** What was pulled since then stays. */
  readonly before: number
}

/** A fetch that broke off may be gone on with; after this long it is cheaper to begin anew. */
const partialForMs = 10 * 60_000
const victimsPerFlush = 20

/** Makes room: images that were pulled least recently go, whole, and what only they need. */
export class Evictor {
  readonly #settings: Settings
  #orphansAfter: Digest | undefined
  /** Of the run under way. */
  #isFailing = false
  #sharedBytes = 0

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Until so many bytes are free, or nothing is left that may go; in small steps. */
  async run(run: Run): Promise<Eviction> {
    const { stores, pins, signal } = this.#settings
    // What was pulled in the last seconds isn't written yet.
    await stores.accessTimes.settle()
    this.#isFailing = false
    this.#sharedBytes = 0
    const isEnough = await this.#goal(run)
    const partialBytes = await stores.blobs.removePartials(partialForMs)
    const orphans = await this.#freeOrphans({ ...run, bytes: run.bytes - partialBytes })
    let freedBytes = partialBytes + sumBytes(orphans)
    const victims: Victim[] = []
    const plan = new EvictionPlan({ records: stores.space, pins })
    const tell = (isEnough: boolean) => {
      const sharedBytes = this.#sharedBytes
      return { victims, orphans: orphans.length, freedBytes, isEnough, sharedBytes }
    }
    if (await isEnough(freedBytes)) return tell(true)
    if (signal.aborted || this.#isFailing) return tell(false)
    for await (const image of plan.run(run)) {
      const victim = await this.#evict(image, run.reason)
      if (victim) victims.push(victim)
      else plan.keep(image)
      freedBytes += victim?.freedBytes ?? 0
      if (await isEnough(freedBytes)) return tell(true)
      if (signal.aborted || this.#isFailing) break
      // What is pulled meanwhile is warm.
      if (victims.length % victimsPerFlush === 0) await stores.accessTimes.settle()
      await setImmediate()
    }
    return tell(false)
  }

  /**
   * Whether as much has gone. Of an upstream that is what counts for it less than in the beginning: what
   * goes may count for another one, and what stays may come to do so.
   */
  async #goal({ bytes, upstream }: Run): Promise<(freedBytes: number) => Promise<boolean>> {
    if (upstream === undefined) return async (freedBytes) => freedBytes >= bytes
    const { space } = this.#settings.stores
    const measure = async () => {
      const usage = await space.measureUsage()
      return usage.find((its) => its.upstream === upstream)?.bytes ?? 0
    }
    const atFirst = await measure()
    return async () => atFirst - (await measure()) >= bytes
  }

  /** Just these, in this order; what is pulled meanwhile stays. */
  async evictImages(images: readonly ColdImage[], reason: string): Promise<Eviction> {
    this.#isFailing = false
    this.#sharedBytes = 0
    const victims: Victim[] = []
    for (const image of images) {
      const victim = await this.#evict(image, reason)
      if (victim) victims.push(victim)
      if (this.#isFailing || this.#settings.signal.aborted) break
      await setImmediate()
    }
    const freedBytes = victims.reduce((sum, victim) => sum + victim.freedBytes, 0)
    const sharedBytes = this.#sharedBytes
    return { victims, orphans: 0, freedBytes, isEnough: true, sharedBytes }
  }

  /** What `run` would take away, fetches that broke off aside. */
  plan(run: Run): Promise<Eviction> {
    return planEviction(this.#settings, { ...run, orphansAfter: this.#orphansAfter })
  }

  /** Undefined if it was pulled meanwhile. */
  async #evict(image: ColdImage, reason: string): Promise<Victim | undefined> {
    const { stores, now, onEvicted } = this.#settings
    const { source, digest, lastPulledAt } = image
    const evicted = await stores.space.evict(image, { at: now(), reason })
    if (!evicted) return undefined
    const { tags, freed } = evicted
    onEvicted({ source, digest, tags })
    const gone = await this.#takeAway(
      freed.map((blob) => blob.digest),
      digest,
    )
    return { source, digest, tags, lastPulledAt, freedBytes: sumBytes(gone) }
  }

  async #freeOrphans({ bytes }: Run): Promise<readonly SizedBlob[]> {
    const { stores, now, signal } = this.#settings
    const freed: SizedBlob[] = []
    if (bytes <= 0) return freed
    let freedBytes = 0
    const after = this.#orphansAfter
    for await (const { orphans, next } of findOrphans(stores.space, {
      after,
      now: now(),
      signal,
    })) {
      this.#orphansAfter = next
      const gone = await this.#takeAway(orphans.map(({ digest }) => digest))
      freed.push(...gone)
      freedBytes += sumBytes(gone)
      if (freedBytes >= bytes || this.#isFailing) break
    }
    return freed
  }

  /**
   * Whoever reads one of them reads on to its end. Files first: by their rows they are found again where
   * this is cut short.
   */
  #takeAway(digests: readonly Digest[], manifest?: Digest): Promise<readonly SizedBlob[]> {
    const { space, holds, blobs } = this.#settings.stores
    return holds.takeAway(digests, async (free) => {
      const removed: Digest[] = []
      const shared = new Set<Digest>()
      for (const digest of await space.findUnneeded(free, manifest)) {
        if (await blobs.isShared(digest)) shared.add(digest)
        if (await this.#remove(digest)) removed.push(digest)
        if (this.#isFailing) break
      }
      const gone = await space.forgetUnneeded(removed, manifest)
      this.#sharedBytes += sumBytes(gone.filter(({ digest }) => shared.has(digest)))
      return gone
    })
  }

  /** One that can't be removed ends the run: the others would fail as well, and nothing be freed. */
  async #remove(digest: Digest): Promise<boolean> {
    const { stores, onGone, onError } = this.#settings
    onGone(digest)
    try {
      await stores.blobs.remove(digest)
      return true
    } catch (error) {
      onError(error, `the file of ${digest}, which nobody needs, couldn't be removed`)
      this.#isFailing = true
      return false
    }
  }
}
