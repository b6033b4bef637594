/** So much of what has just come is kept in memory for those who read along. */
const maxBytes = 2 * 1024 * 1024

/** The last bytes of a blob that grows: whoever reads along finds them here, without a trip to the disk. */
export class RecentBytes {
  readonly #chunks: Uint8Array[] = []
  /** Where the first chunk begins in the blob, and the last one ends. */
  #start = 0
  #end = 0

  /** `end` is where the last of the chunks ends. */
  add(chunks: readonly Uint8Array[], end: number): void {
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    if (end - length !== this.#end) this.#restartAt(end - length)
    this.#chunks.push(...chunks)
    this.#end = end
    let [first] = this.#chunks
    while (first && this.#end - this.#start - first.length >= maxBytes) {
      this.#start += first.length
      this.#chunks.shift()
      first = this.#chunks[0]
    }
  }

  /** How many bytes from `position` on were read; 0 if they aren't here. */
  read(buffer: Uint8Array, position: number): number {
    if (position < this.#start || position >= this.#end) return 0
    let at = this.#start
    let count = 0
    for (const chunk of this.#chunks) {
      const from = position + count - at
      at += chunk.length
      if (from >= chunk.length) continue
      const piece = chunk.subarray(from, from + buffer.length - count)
      buffer.set(piece, count)
      count += piece.length
      if (count === buffer.length) break
    }
    return count
  }

  clear(): void {
    this.#restartAt(this.#end)
  }

  #restartAt(position: number): void {
    this.#chunks.length = 0
    this.#start = position
    this.#end = position
  }
}
