/** A bounded number of bytes of memory, for all who gather something before it is wanted. */
export class BufferRoom {
  #freeBytes: number

  constructor(bytes: number) {
    this.#freeBytes = bytes
  }

  /** Room for so many bytes, as what gives it back, once or more; undefined where there isn't as much. */
  tryTake(bytes: number): (() => void) | undefined {
    if (bytes > this.#freeBytes) return undefined
    this.#freeBytes -= bytes
    let takenBytes = bytes
    return () => {
      this.#freeBytes += takenBytes
      takenBytes = 0
    }
  }
}
