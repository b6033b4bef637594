/** So much of what has just come is kept in memory for those who read along. */
const maxBytes = 2 * 1024 * 1024

/**
 * The last bytes of a blob that grows: whoever reads along finds them here, without a trip to the
 * disk. They are copied, into memory used round and round: chunks held for a while would stay in
 * memory far longer, until their garbage is worth collecting.
 */
export class RecentBytes {
  #ring: Buffer | undefined
  /** Where what is held begins in the blob, and where it ends. */
  #start = 0
  #end = 0

  /** `end` is where the last of the chunks ends. */
  add(chunks: readonly Uint8Array[], end: number): void {
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    if (end - length !== this.#end) this.#restartAt(end - length)
    for (const chunk of chunks) this.#put(chunk)
  }

  /** How many bytes from `position` on were read; 0 if they aren't here. */
  read(buffer: Uint8Array, position: number): number {
    if (!this.#ring || position < this.#start || position >= this.#end) return 0
    const from = position % maxBytes
    const length = Math.min(buffer.length, this.#end - position)
    const first = this.#ring.subarray(from, from + length)
    buffer.set(first)
    buffer.set(this.#ring.subarray(0, length - first.length), first.length)
    return length
  }

  /** Gives the memory back. */
  clear(): void {
    this.#ring = undefined
    this.#restartAt(this.#end)
  }

  #put(chunk: Uint8Array): void {
    this.#ring ??= Buffer.allocUnsafeSlow(maxBytes)
    this.#end += chunk.length
    const kept = chunk.subarray(Math.max(0, chunk.length - maxBytes))
    const at = (this.#end - kept.length) % maxBytes
    const first = kept.subarray(0, maxBytes - at)
    this.#ring.set(first, at)
    this.#ring.set(kept.subarray(first.length))
    this.#start = Math.max(this.#start, this.#end - maxBytes)
  }

  #restartAt(position: number): void {
    this.#start = position
    this.#end = position
  }
}
