import type { ChronicleRecords, TagCount } from '../store/chronicle-records.ts'
import type { WatchedMirror } from './watched-mirror.ts'

type Settings = {
  readonly records: Pick<ChronicleRecords, 'countTags'>
  readonly now: () => number
}

/** All tags are read for it. */
const countsForMs = 60_000

/** How many tags of each upstream are past their time. */
export class DueTags {
  readonly #settings: Settings
  #last: { readonly at: number; readonly counts: Promise<readonly TagCount[]> } | undefined

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** As it was within the last minute: however many ask, it is found out once. */
  async count(mirror: WatchedMirror): Promise<readonly TagCount[]> {
    const now = this.#settings.now()
    const ageMs = now - (this.#last?.at ?? 0)
    if (this.#last && ageMs >= 0 && ageMs < countsForMs) return this.#last.counts
    const counts = this.#count(mirror, now)
    this.#last = { at: now, counts }
    counts.catch(() => {
      if (this.#last?.counts === counts) this.#last = undefined
    })
    return counts
  }

  async #count(mirror: WatchedMirror, now: number): Promise<readonly TagCount[]> {
    const upstreams = await mirror.describeUpstreams()
    const bounds = upstreams.map(({ name }) => {
      return { upstream: name, checkedBefore: now - mirror.tagTtlMs(name) }
    })
    return this.#settings.records.countTags(bounds)
  }
}
