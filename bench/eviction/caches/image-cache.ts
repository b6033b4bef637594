import type { Demand, Manifest, Thing } from '../demands.ts'
import type { Order } from '../orders/order.ts'
import type { Cache, Served } from './cache.ts'
import { KeptImages } from './kept-images.ts'

export interface ImageCacheOptions {
  readonly order: Order
  readonly capacityBytes: number
  /** Once room is needed, so much is made that only this share of the capacity is taken; or just enough. */
  readonly lowShare?: number
  /** image: an index goes with all its platforms at once. platform: each of them can go alone. */
  readonly unit: 'image' | 'platform'
  /** Whether a poll counts as a use of what it asks for. */
  readonly isTouchedByPolls: boolean
}

/** What goes at once, as the order sees it: by its manifest, or its index. */
interface Unit extends Thing {
  readonly head: Manifest
}

/**
 * Images come and go whole. A pull begins with its manifest, so no blob is ever without one: the
 * orphans that a real store lets go first don't arise here.
 */
export class ImageCache implements Cache {
  readonly #options: ImageCacheOptions
  readonly #kept = new KeptImages()
  readonly #units = new Map<Manifest, Unit>()
  #uses = 0
  #evictions = 0

  constructor(options: ImageCacheOptions) {
    this.#options = options
  }

  get keptBytes(): number {
    return this.#kept.bytes
  }

  get evictions(): number {
    return this.#evictions
  }

  serve({ kind, manifests, blobs }: Demand): Served {
    const heads = this.#headsOf(manifests)
    const missed = manifests.filter((manifest) => !this.#kept.hasManifest(manifest))
    const isUse = kind === 'pull' || this.#options.isTouchedByPolls
    if (isUse || missed.length > 0) this.#uses++
    // Before room is made: what is pulled is not the least recently pulled.
    if (isUse) this.#touch(heads)
    for (const manifest of missed)
      if (this.#makeRoom(manifest, heads)) this.#kept.addManifest(manifest)
    const found = blobs.filter((blob) => this.#ask(blob, manifests, heads))
    this.#enter(heads)
    const hitBytes = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    return { manifestGets: missed.length, hits: found.length, hitBytes }
  }

  /** The platform before its index. */
  #headsOf(manifests: readonly Manifest[]): ReadonlySet<Manifest> {
    const { unit } = this.#options
    const heads = manifests.map((each) => (unit === 'image' ? (each.index ?? each) : each))
    return new Set(heads.reverse())
  }

  #touch(heads: ReadonlySet<Manifest>): void {
    for (const head of heads) {
      const unit = this.#units.get(head)
      if (unit !== undefined) this.#use(unit)
    }
  }

  /**
   * An index is used a moment after its platform, also if it was there before: it is the hotter one
   * of the two.
   */
  #use(unit: Unit): void {
    const at = this.#uses + (unit.head.platforms.length > 0 ? 0.5 : 0)
    this.#options.order.use(unit, at)
  }

  /** Only now: what is just being pulled for the first time can't be a victim. */
  #enter(heads: ReadonlySet<Manifest>): void {
    for (const head of heads) {
      if (this.#units.has(head) || !this.#kept.hasManifest(head)) continue
      const unit = { id: head.id, sizeBytes: this.#sizeOf(head), head }
      this.#units.set(head, unit)
      this.#use(unit)
    }
  }

  #sizeOf(head: Manifest): number {
    const goAlong = this.#options.unit === 'image' ? head.platforms : []
    const kept = goAlong.filter((platform) => this.#kept.hasManifest(platform))
    return kept.reduce((sum, { imageBytes }) => sum + imageBytes, head.imageBytes)
  }

  /** Whether it was kept. */
  #ask(blob: Thing, manifests: readonly Manifest[], heads: ReadonlySet<Manifest>): boolean {
    if (this.#kept.hasBlob(blob)) return true
    const isNeeded = manifests.every((manifest) => this.#kept.hasManifest(manifest))
    if (isNeeded && this.#makeRoom(blob, heads)) this.#kept.addBlob(blob)
    return false
  }

  /** What doesn't fit beside the image that is being pulled passes through. */
  #makeRoom(thing: Thing, heads: ReadonlySet<Manifest>): boolean {
    const { order, capacityBytes, lowShare = 1 } = this.#options
    const mostBytes = capacityBytes - thing.sizeBytes
    if (mostBytes < 0) return false
    const isFull = this.#kept.bytes > mostBytes
    const wantedBytes = isFull ? Math.min(mostBytes, lowShare * capacityBytes) : mostBytes
    while (this.#kept.bytes > wantedBytes) {
      const victim = order.victim(this.#uses) as Unit | undefined
      if (victim === undefined || heads.has(victim.head)) break
      this.#evict(victim.head)
    }
    return this.#kept.bytes <= mostBytes
  }

  /** An index takes its platforms along. */
  #evict(head: Manifest): void {
    for (const manifest of [head, ...head.platforms]) {
      this.#kept.removeManifest(manifest)
      const unit = this.#units.get(manifest)
      if (unit !== undefined) this.#options.order.remove(unit)
      this.#units.delete(manifest)
    }
    this.#evictions++
  }
}
