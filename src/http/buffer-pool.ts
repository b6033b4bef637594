const smallestBytes = 16 * 1024
const largestBytes = 1024 * 1024
/** Few sizes, so that what one gives back is of use to the next. */
const stepDown = 4
/** What all streams of the process together are meant to hold; beyond it each gets the smallest buffers. */
export const allBuffersBytes = 32 * 1024 * 1024
/** A buffer is at most such a part of what is left of the budget, so that others find some too. */
const partOfRest = 8
/** Kept for the next stream while none is moving; the rest goes back to the system. */
const maxQuietBytes = 2 * 1024 * 1024

/**
 * Buffers for streaming, used again. Large ones for few streams, since each trip to the disk and to
 * the socket costs the same whatever it carries; small ones for many, so that memory stays bounded.
 * Their memory is shared, so that another thread may fill them.
 */
export class BufferPool {
  readonly #budgetBytes: number
  readonly #idle = new Map<number, Buffer[]>()
  #idleBytes = 0
  #lentBytes = 0

  /** `budgetBytes` are what this pool's part of the streams is meant to hold. */
  constructor(budgetBytes = allBuffersBytes) {
    this.#budgetBytes = budgetBytes
  }

  /** Taken and not given back. */
  get lentBytes(): number {
    return this.#lentBytes
  }

  /** Of a size that suits what others hold; a stream's next buffer may be of another. */
  take(): Buffer {
    const sizeBytes = this.#suitableBytes()
    this.#lentBytes += sizeBytes
    const idle = this.#idle.get(sizeBytes)?.pop()
    if (idle) {
      this.#idleBytes -= sizeBytes
      return idle
    }
    // Idle ones of other sizes are in the way by now.
    if (this.#lentBytes + this.#idleBytes > this.#budgetBytes) this.#dropIdle()
    return Buffer.from(new SharedArrayBuffer(sizeBytes))
  }

  /** The caller must not touch the buffer afterwards. */
  give(buffer: Buffer): void {
    this.#lentBytes -= buffer.length
    if (this.#lentBytes + this.#idleBytes + buffer.length <= this.#budgetBytes) this.#keep(buffer)
    if (this.#lentBytes === 0 && this.#idleBytes > maxQuietBytes) this.#dropIdle()
  }

  #keep(buffer: Buffer): void {
    this.#idleBytes += buffer.length
    const idle = this.#idle.get(buffer.length)
    if (idle) idle.push(buffer)
    else this.#idle.set(buffer.length, [buffer])
  }

  #dropIdle(): void {
    this.#idle.clear()
    this.#idleBytes = 0
  }

  #suitableBytes(): number {
    const share = (this.#budgetBytes - this.#lentBytes) / partOfRest
    let sizeBytes = largestBytes
    while (sizeBytes > share && sizeBytes > smallestBytes) sizeBytes /= stepDown
    return sizeBytes
  }
}
