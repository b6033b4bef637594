import type { Demand, Thing } from '../demands.ts'
import type { Order } from '../orders/order.ts'
import type { Cache, Served } from './cache.ts'

/** Every blob and every manifest comes and goes by itself, as in most proxies. */
export class BlobCache implements Cache {
  readonly #order: Order
  readonly #capacityBytes: number
  readonly #kept = new Set<number>()
  #requests = 0
  #keptBytes = 0
  #evictions = 0

  constructor(order: Order, capacityBytes: number) {
    this.#order = order
    this.#capacityBytes = capacityBytes
  }

  get keptBytes(): number {
    return this.#keptBytes
  }

  get evictions(): number {
    return this.#evictions
  }

  serve({ manifests, blobs }: Demand): Served {
    const manifestGets = manifests.filter((manifest) => !this.#ask(manifest)).length
    const found = blobs.filter((blob) => this.#ask(blob))
    const hitBytes = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    return { manifestGets, hits: found.length, hitBytes }
  }

  /** Whether it was kept. */
  #ask(thing: Thing): boolean {
    const at = this.#requests++
    const isKept = this.#kept.has(thing.id)
    if (isKept || this.#makeRoom(thing, at)) this.#order.use(thing, at)
    return isKept
  }

  /** What is larger than the whole cache passes through and moves nothing. */
  #makeRoom(thing: Thing, at: number): boolean {
    const mostBytes = this.#capacityBytes - thing.sizeBytes
    if (mostBytes < 0 || this.#order.admits?.(at) === false) return false
    while (this.#keptBytes > mostBytes) {
      const victim = this.#order.victim(at)
      if (victim === undefined) throw new Error(`${this.#keptBytes} B are kept of no thing`)
      this.#evict(victim)
    }
    this.#kept.add(thing.id)
    this.#keptBytes += thing.sizeBytes
    return true
  }

  #evict(victim: Thing): void {
    this.#order.remove(victim)
    this.#kept.delete(victim.id)
    this.#keptBytes -= victim.sizeBytes
    this.#evictions++
  }
}
