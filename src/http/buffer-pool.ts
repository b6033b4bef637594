/** Buffers of one size, used again; a bounded number is kept while nobody needs them. */
export class BufferPool {
  readonly #sizeBytes: number
  readonly #maxIdle: number
  readonly #idle: Buffer[] = []

  constructor(sizeBytes: number, maxIdle: number) {
    this.#sizeBytes = sizeBytes
    this.#maxIdle = maxIdle
  }

  take(): Buffer {
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(this.#sizeBytes)
  }

  /** The caller must not touch the buffer afterwards. */
  give(buffer: Buffer): void {
    if (this.#idle.length < this.#maxIdle) this.#idle.push(buffer)
  }
}
