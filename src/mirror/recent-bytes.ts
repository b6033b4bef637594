/** So much of what has just come is kept in memory for those who read along, in so many segments. */
const segmentBytes = 512 * 1024
const maxSegments = 4
/** So many may be held by readers at once, for as long as their clients take. */
const maxHeld = 8

/** Bytes where they lie: they stay as they are until they are let go of. */
export type View = {
  readonly bytes: Buffer<SharedArrayBuffer>
  release(): void
}

/**
 * The last bytes of a blob that grows: whoever reads along finds them here, without a trip to the
 * disk. They are copied once, into memory used round and round, which other threads see too: chunks
 * held for a while would stay in memory far longer, until their garbage is worth collecting.
 */
export class RecentBytes {
  /** In order and without gaps; all but the last are full. */
  #segments: Segment[] = []
  #heldCount = 0
  #end = 0

  /** `end` is where the last of the chunks ends. */
  add(chunks: readonly Uint8Array[], end: number): void {
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    if (end - length !== this.#end) {
      this.clear()
      this.#end = end - length
    }
    for (const chunk of chunks) this.#put(chunk)
  }

  /** How many bytes from `position` on were read; 0 if they aren't here. */
  read(buffer: Uint8Array, position: number): number {
    let count = 0
    while (count < buffer.length) {
      const bytes = this.#find(position + count)?.from(position + count)
      if (!bytes) break
      buffer.set(bytes.subarray(0, buffer.length - count), count)
      count += bytes.length
    }
    return Math.min(count, buffer.length)
  }

  /** Some of what is here from `position` on; undefined if nothing is, or others hold too much. */
  view(position: number): View | undefined {
    const segment = this.#find(position)
    if (!segment || (!segment.isHeld && this.#heldCount >= maxHeld)) return undefined
    if (!segment.isHeld) this.#heldCount++
    segment.holders++
    const release = () => {
      segment.holders--
      if (!segment.isHeld) this.#heldCount--
    }
    return { bytes: segment.from(position), release }
  }

  /** Gives the memory back, as far as nobody holds it. */
  clear(): void {
    this.#segments = []
  }

  #find(position: number): Segment | undefined {
    const [first] = this.#segments
    if (!first || position < first.start || position >= this.#end) return undefined
    return this.#segments[Math.floor((position - first.start) / segmentBytes)]
  }

  #put(chunk: Uint8Array): void {
    let left = chunk
    while (left.length > 0) {
      const segment = this.#findRoom()
      const taken = segment.put(left)
      left = left.subarray(taken)
      this.#end += taken
    }
  }

  #findRoom(): Segment {
    const last = this.#segments.at(-1)
    if (last && last.length < segmentBytes) return last
    const oldest = this.#segments.length < maxSegments ? undefined : this.#segments.shift()
    const segment = oldest && !oldest.isHeld ? oldest : new Segment()
    segment.restartAt(this.#end)
    this.#segments.push(segment)
    return segment
  }
}

class Segment {
  readonly #memory = Buffer.from(new SharedArrayBuffer(segmentBytes))
  /** In the blob. */
  start = 0
  length = 0
  holders = 0

  get isHeld(): boolean {
    return this.holders > 0
  }

  /** Only while nobody holds it. */
  restartAt(position: number): void {
    this.start = position
    this.length = 0
  }

  /** Takes as much as it has room for; gives how much that was. */
  put(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, segmentBytes - this.length)
    this.#memory.set(taken, this.length)
    this.length += taken.length
    return taken.length
  }

  from(position: number): Buffer<SharedArrayBuffer> {
    return this.#memory.subarray(position - this.start, this.length)
  }
}
