import { Slab, slabBytes } from './slab.ts'

const smallestBytes = 16 * 1024
/** Few sizes, so that what one gives back is of use to the next. */
const stepDown = 4
/** What all streams of the process together are meant to hold; beyond it each gets the smallest buffers. */
export const allBuffersBytes = 24 * 1024 * 1024
/** A buffer is at most such a part of what is left of the budget, so that others find some too. */
const partOfRest = 8
/** Kept for the next stream while none is moving; the rest goes back to the system. */
const maxSpareSlabs = 2

/**
 * Buffers for streaming, used again. Large ones for few streams, since each trip to the disk and to
 * the socket costs the same whatever it carries; small ones for many, so that memory stays bounded.
 * All are cut from the same slabs: a buffer dropped for one of another size would stay resident
 * until the next garbage collection, which may be long after.
 */
export class BufferPool {
  readonly #budgetBytes: number
  readonly #slabs = new Map<ArrayBufferLike, Slab>()
  /** Of which nothing is lent. */
  readonly #free: Slab[] = []
  /** Of which a part is lent, by the size of their pieces. */
  readonly #open = new Map<number, Set<Slab>>()
  /** Taken and not given back. */
  #lentBytes = 0

  /** `budgetBytes` are what this pool's part of the streams is meant to hold; one slab at least. */
  constructor(budgetBytes = allBuffersBytes) {
    this.#budgetBytes = Math.max(budgetBytes, slabBytes)
  }

  /** Of a size that suits what others hold; a stream's next buffer may be of another. */
  take(): Buffer {
    const slab = this.#findSlab()
    const buffer = slab.take()
    this.#lentBytes += buffer.length
    const open = this.#openOf(buffer.length)
    if (slab.isSpent) open.delete(slab)
    else open.add(slab)
    return buffer
  }

  /** The caller must not touch the buffer afterwards. Throws for what isn't lent by this pool. */
  give(buffer: Buffer): void {
    const slab = this.#slabs.get(buffer.buffer)
    if (!slab) throw new Error('a buffer was given back to a pool that it is not of')
    slab.give(buffer)
    this.#lentBytes -= buffer.length
    const open = this.#openOf(buffer.length)
    if (!slab.isFree) {
      open.add(slab)
      return
    }
    open.delete(slab)
    this.#free.push(slab)
    this.#dropSpare()
  }

  /** The smallest size may go beyond the budget: a stream needs some buffer to move at all. */
  #findSlab(): Slab {
    let sizeBytes = this.#suitableBytes()
    while (sizeBytes > smallestBytes) {
      const slab = this.#findSlabOf(sizeBytes)
      if (slab) return slab
      sizeBytes /= stepDown
    }
    return this.#findSlabOf(smallestBytes) ?? this.#cutSlab(smallestBytes)
  }

  #findSlabOf(sizeBytes: number): Slab | undefined {
    const [open] = this.#openOf(sizeBytes)
    if (open) return open
    const inUse = this.#slabs.size - this.#free.length
    const hasRoom = (inUse + 1) * slabBytes <= this.#budgetBytes
    return hasRoom ? this.#cutSlab(sizeBytes) : undefined
  }

  #cutSlab(sizeBytes: number): Slab {
    const slab = this.#free.pop() ?? new Slab()
    this.#slabs.set(slab.memory, slab)
    slab.cut(sizeBytes)
    return slab
  }

  /** While buffers are lent, only what is beyond the budget goes, and not what may soon be needed again. */
  #dropSpare(): void {
    const boundBytes = this.#lentBytes === 0 ? 0 : this.#budgetBytes
    while (this.#free.length > maxSpareSlabs && this.#slabs.size * slabBytes > boundBytes) {
      const slab = this.#free.shift()
      if (!slab) continue
      this.#slabs.delete(slab.memory)
      slab.free()
    }
  }

  #openOf(sizeBytes: number): Set<Slab> {
    const open = this.#open.get(sizeBytes) ?? new Set()
    this.#open.set(sizeBytes, open)
    return open
  }

  #suitableBytes(): number {
    const share = (this.#budgetBytes - this.#lentBytes) / partOfRest
    let sizeBytes = slabBytes
    while (sizeBytes > share && sizeBytes > smallestBytes) sizeBytes /= stepDown
    return sizeBytes
  }
}
