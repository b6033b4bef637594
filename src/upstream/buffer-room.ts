export const pageBytes = 512 * 1024

/**
 * A bounded number of bytes of memory, for all who gather something before it is wanted. They have
 * it in pages, used again and again: what came and is held for a while would otherwise stay in
 * memory until its garbage is worth collecting, and make much work then.
 */
export class BufferRoom {
  readonly #bytes: number
  readonly #idle: Buffer<ArrayBuffer>[] = []
  #freeBytes: number

  constructor(bytes: number) {
    this.#bytes = bytes
    this.#freeBytes = bytes
  }

  /** Room for so many bytes in whole pages, as what gives it back, once or more; undefined where there isn't as much. */
  tryTake(bytes: number): (() => void) | undefined {
    let takenBytes = Math.ceil(bytes / pageBytes) * pageBytes
    if (takenBytes > this.#freeBytes) return undefined
    this.#freeBytes -= takenBytes
    return () => {
      this.#freeBytes += takenBytes
      takenBytes = 0
      if (this.#isUnused) this.#freeIdle()
    }
  }

  /** For what there is room for. It holds anything. */
  takePage(): Buffer<ArrayBuffer> {
    return this.#idle.pop() ?? Buffer.from(new ArrayBuffer(pageBytes))
  }

  /** Once for each that was taken, when nobody reads it any more; one that is lost is only garbage. */
  givePage(page: Buffer<ArrayBuffer>): void {
    this.#idle.push(page)
    // Of what was lent beyond its room, nothing is kept.
    if (this.#isUnused) this.#freeIdle()
    else if (this.#idle.length * pageBytes > this.#bytes) this.#idle.pop()?.buffer.transfer(0)
  }

  get #isUnused(): boolean {
    return this.#freeBytes === this.#bytes
  }

  /** Gives the memory back to the system, now and not when its garbage is worth collecting. */
  #freeIdle(): void {
    for (const { buffer } of this.#idle.splice(0)) buffer.transfer(0)
  }
}
