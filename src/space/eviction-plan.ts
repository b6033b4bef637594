import { setImmediate } from 'node:timers/promises'
import type { Digest } from '../oci/digest.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { ColdImage, ImageKey, ImagePlace, SpaceRecords } from '../store/space-records.ts'
import { type Pins, toNames } from './pins.ts'

type Settings = {
  readonly records: Pick<SpaceRecords, 'listColdest' | 'findHolders'>
  readonly pins: Pins
}

export type Wanted = {
  /** Last pulled before that. */
  readonly before: number
  /** Only what came from there. */
  readonly upstream?: UpstreamName | undefined
}

const pageSize = 100
const imagesPerTurn = 20

/**
 * Which images go, in which order: the least recently pulled first, an index after the last of its
 * images. Whoever goes through it takes each away, or plans to, before the next is looked for.
 */
export class EvictionPlan {
  readonly #settings: Settings
  readonly #gone = new Set<string>()
  /** Indices that wait for their parts, by the digest of each. */
  readonly #waiting = new Map<Digest, Set<ColdImage>>()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Whether it was given out. */
  readonly isGone = (image: ImageKey): boolean => this.#gone.has(toKey(image))

  /** It stays after all. */
  keep(image: ImageKey): void {
    this.#gone.delete(toKey(image))
  }

  async *run({ before, upstream }: Wanted): AsyncGenerator<ColdImage> {
    const { records } = this.#settings
    let after: ImagePlace | undefined
    for (;;) {
      const page = await records.listColdest({ after, before, limit: pageSize })
      for (const [place, image] of page.entries()) {
        // What is skipped takes its time too.
        if (place % imagesPerTurn === 0) await setImmediate()
        if (upstream !== undefined && image.source.upstream !== upstream) continue
        yield* this.#offer(image)
      }
      after = page.at(-1)
      if (page.length < pageSize) return
    }
  }

  async *#offer(image: ColdImage): AsyncGenerator<ColdImage> {
    if (this.isGone(image) || (await this.#isPinned(image))) return
    if (image.hasParts && (await this.#waitsForParts(image))) return
    this.#gone.add(toKey(image))
    yield image
    if (!this.isGone(image)) return
    for (const index of this.#waiting.get(image.digest) ?? []) yield* this.#offer(index)
  }

  async #isPinned({ source, ...image }: ColdImage): Promise<boolean> {
    const { pins, records } = this.#settings
    if (!pins.mayHold(source)) return false
    // Whole repositories are pinned without a look at their tags.
    if (pins.find({ source, digest: image.digest, tags: [] }) !== undefined) return true
    const names = toNames({ source, digest: image.digest }, await records.findHolders(image))
    return pins.find(names) !== undefined
  }

  async #waitsForParts(index: ColdImage): Promise<boolean> {
    const { parts } = await this.#settings.records.findHolders(index)
    const { repositoryId } = index
    const kept = parts.find((digest) => !this.isGone({ repositoryId, digest }))
    if (kept === undefined) return false
    const waiting = this.#waiting.get(kept) ?? new Set()
    this.#waiting.set(kept, waiting.add(index))
    return true
  }
}

function toKey({ repositoryId, digest }: ImageKey): string {
  return `${repositoryId} ${digest}`
}
