import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { Tag } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { TagRecord } from '../store/metadata-store.ts'
import type { Stores } from '../store/open-stores.ts'
import { AnnouncedTags, tagKey } from './announced-tags.ts'
import { isFresh } from './freshness.ts'
import type { Lease } from './lease.ts'
import type { Leases } from './leases.ts'
import type { Sources } from './sources.ts'

type Settings = {
  readonly stores: Stores
  readonly leases: Leases
  readonly sources: Sources
  readonly now: () => number
}

const maxTags = 20_000

/** What tags meant when upstream last said so, and for how long that counts. */
export class KnownTags {
  /** Those whose manifest isn't kept. */
  readonly announced = new AnnouncedTags()
  readonly #settings: Settings
  readonly #records = new LRUCache<string, TagRecord>(atMost(maxTags))

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** The hot ones are in memory. */
  async find(source: Source, tag: Tag): Promise<TagRecord | undefined> {
    const key = tagKey(source, tag)
    const hot = this.#records.get(key)
    if (hot) return hot
    const record = await this.#settings.stores.metadata.findTag(source, tag)
    if (record) this.#records.set(key, record)
    return record
  }

  /** Takes back what was granted for what the tag meant before. */
  async record(source: Source, tag: Tag, record: TagRecord): Promise<void> {
    const { stores, leases } = this.#settings
    await stores.metadata.recordTag(source, tag, record)
    leases.revoke(tagKey(source, tag))
    this.#records.set(tagKey(source, tag), record)
    this.announced.delete(source, tag)
  }

  /** What it means isn't kept any more. */
  forget(source: Source, tag: Tag): void {
    this.#records.delete(tagKey(source, tag))
    this.#settings.leases.revoke(tagKey(source, tag))
  }

  /** Whether it counts as things are. */
  isFresh(source: Source, { checkedAt, goneAt }: Pick<TagRecord, 'checkedAt' | 'goneAt'>): boolean {
    const { now, sources } = this.#settings
    if (goneAt !== undefined) return false
    return isFresh(checkedAt, { now: now(), ttlMs: sources.tagTtlMs(source) })
  }

  /** Undefined if the tag was found to mean something else meanwhile, or is fresh only as things are. */
  grantLease(source: Source, tag: Tag, { checkedAt, digest }: TagRecord): Lease | undefined {
    const { leases, now, sources } = this.#settings
    if (this.#records.get(tagKey(source, tag))?.digest !== digest) return undefined
    // Not longer while little of a limit is left: that may change at any time.
    const ttlMs = sources.leaseMs(source)
    const isFreshNow = isFresh(checkedAt, { now: now(), ttlMs })
    return isFreshNow ? leases.grant(tagKey(source, tag), { checkedAt, ttlMs }) : undefined
  }
}
