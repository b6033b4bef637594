const smallestBytes = 64 * 1024
const largestBytes = 1024 * 1024
/** What all streams together are meant to hold while they are moving. */
const budgetBytes = 48 * 1024 * 1024
const buffersPerStream = 2
/** Kept for the next stream; beyond it, buffers go back to the system. */
const maxIdleBytes = 8 * 1024 * 1024

/**
 * Buffers for streaming, used again. Large ones for few streams, since each trip to the disk and to
 * the socket costs the same whatever it carries; small ones for many, so that memory stays bounded.
 */
export class BufferPool {
  readonly #idle = new Map<number, Buffer[]>()
  #idleBytes = 0
  #streams = 0

  /** Counts a stream until the returned function is called. */
  enter(): () => void {
    this.#streams++
    return () => {
      this.#streams--
    }
  }

  /** Of a size that suits the number of streams now; a stream's next buffer may be of another. */
  take(): Buffer {
    const sizeBytes = this.#suitableBytes()
    const idle = this.#idle.get(sizeBytes)?.pop()
    if (!idle) return Buffer.allocUnsafeSlow(sizeBytes)
    this.#idleBytes -= sizeBytes
    return idle
  }

  /** The caller must not touch the buffer afterwards. */
  give(buffer: Buffer): void {
    if (this.#idleBytes + buffer.length > maxIdleBytes) return
    this.#idleBytes += buffer.length
    const idle = this.#idle.get(buffer.length)
    if (idle) idle.push(buffer)
    else this.#idle.set(buffer.length, [buffer])
  }

  #suitableBytes(): number {
    const share = budgetBytes / (buffersPerStream * Math.max(1, this.#streams))
    let sizeBytes = largestBytes
    while (sizeBytes > share && sizeBytes > smallestBytes) sizeBytes /= 2
    return sizeBytes
  }
}
