import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import { type Freshness, Lease } from './lease.ts'

const maxLeases = 50_000

/** The leases that are out, by what they are about, so that they can be taken back. */
export class Leases {
  readonly #onRevoked: (key: string) => void
  readonly #out = new LRUCache<string, Lease>({
    ...atMost(maxLeases),
    // What is no longer known here couldn't be taken back any more.
    dispose: (lease, key) => {
      lease.revoke()
      if (!this.#isRevokingAll) this.#onRevoked(key)
    },
  })

  #isRevokingAll = false
  #revokedCount = 0
  /** What the count was then. */
  readonly #revokedAt = new LRUCache<string, number>(atMost(maxLeases))
  #allRevokedAt = 0

  /** `onRevoked` hears of each key that is taken back; of all together only whoever does it. */
  constructor(onRevoked: (key: string) => void = () => {}) {
    this.#onRevoked = onRevoked
  }

  /** A moment, for `wasRevoked`. */
  get revokedCount(): number {
    return this.#revokedCount
  }

  /**
   * Whether anything about `key` was taken back since `revokedCount` was that. Who grants by what was
   * looked up since then must not: what was found may be what was taken back.
   */
  wasRevoked(key: string, since: number): boolean {
    // So long ago that it may be forgotten.
    if (this.#revokedCount - since >= maxLeases || this.#allRevokedAt > since) return true
    return (this.#revokedAt.get(key) ?? 0) > since
  }

  /** One lease for a key at a time: another freshness takes the one before back. */
  grant(key: string, freshness?: Freshness): Lease {
    const known = this.#out.get(key)
    if (known && isSame(known.freshness, freshness)) return known
    const lease = new Lease(key, freshness)
    this.#out.set(key, lease)
    return lease
  }

  /** Also where none is known of: another thread may hold one. */
  revoke(key: string): void {
    this.#revokedAt.set(key, ++this.#revokedCount)
    if (!this.#out.delete(key)) this.#onRevoked(key)
  }

  revokeAll(): void {
    this.#allRevokedAt = ++this.#revokedCount
    this.#isRevokingAll = true
    this.#out.clear()
    this.#isRevokingAll = false
  }
}

function isSame(one: Freshness | undefined, other: Freshness | undefined): boolean {
  return one?.checkedAt === other?.checkedAt && one?.ttlMs === other?.ttlMs
}
