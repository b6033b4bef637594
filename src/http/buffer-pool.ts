const smallestBytes = 16 * 1024
const largestBytes = 1024 * 1024
/** What all streams together are meant to hold; beyond it each gets the smallest buffers. */
const budgetBytes = 32 * 1024 * 1024
/** A buffer is at most such a part of what is left of the budget, so that others find some too. */
const partOfRest = 8
/** Kept for the next streams while some are moving, and while none is; the rest goes back to the system. */
const maxIdleBytes = 8 * 1024 * 1024
const maxQuietBytes = 2 * 1024 * 1024

/**
 * Buffers for streaming, used again. Large ones for few streams, since each trip to the disk and to
 * the socket costs the same whatever it carries; small ones for many, so that memory stays bounded.
 * Their memory is shared, so that another thread may fill them.
 */
export class BufferPool {
  readonly #idle = new Map<number, Buffer[]>()
  #idleBytes = 0
  #lentBytes = 0

  /** Taken and not given back. */
  get lentBytes(): number {
    return this.#lentBytes
  }

  /** Of a size that suits what others hold; a stream's next buffer may be of another. */
  take(): Buffer {
    const sizeBytes = this.#suitableBytes()
    this.#lentBytes += sizeBytes
    const idle = this.#idle.get(sizeBytes)?.pop()
    if (!idle) return Buffer.from(new SharedArrayBuffer(sizeBytes))
    this.#idleBytes -= sizeBytes
    return idle
  }

  /** The caller must not touch the buffer afterwards. */
  give(buffer: Buffer): void {
    this.#lentBytes -= buffer.length
    if (this.#idleBytes + buffer.length <= maxIdleBytes) this.#keep(buffer)
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
    const share = (budgetBytes - this.#lentBytes) / partOfRest
    let sizeBytes = largestBytes
    while (sizeBytes > share && sizeBytes > smallestBytes) sizeBytes /= 2
    return sizeBytes
  }
}
