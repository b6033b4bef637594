import { type Segment, type Segments, segmentBytes } from './segments.ts'

/** So much of what has just come is kept in memory for those who read along: so many segments. */
const maxSegments = 4
/** So many may be held by readers at once, for as long as their clients take. */
const maxHeld = 8

/** Bytes where they lie: they stay as they are until they are let go of. */
export type View = {
  readonly bytes: Buffer<SharedArrayBuffer>
  /** To be called once. */
  release(): void
}

/**
 * The last bytes of a blob that grows: whoever reads along finds them here, without a trip to the
 * disk. They are copied once, into memory used round and round, which other threads see too: chunks
 * held for a while would stay in memory far longer, until their garbage is worth collecting.
 */
export class RecentBytes {
  readonly #pool: Segments
  /** In order and without gaps; all but the last are full. */
  readonly #segments: Segment[] = []
  #heldCount = 0
  #end = 0

  constructor(pool: Segments) {
    this.#pool = pool
  }

  /** `end` is where the last of the chunks ends. */
  add(chunks: readonly Uint8Array[], end: number): void {
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    if (end - length !== this.#end) this.clear()
    this.#end = end - length
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
    if (!segment || (segment.readers === 0 && this.#heldCount >= maxHeld)) return undefined
    if (segment.readers === 0) this.#heldCount++
    segment.readers++
    return { bytes: segment.from(position), release: () => this.#release(segment) }
  }

  /** Gives the memory back, as far as nobody holds it. */
  clear(): void {
    for (const segment of this.#segments.splice(0)) this.#drop(segment)
  }

  #release(segment: Segment): void {
    segment.readers--
    if (segment.readers > 0) return
    this.#heldCount--
    if (!this.#segments.includes(segment)) this.#pool.give(segment)
  }

  /** It is no longer here; whoever still reads it gives it back. */
  #drop(segment: Segment): void {
    if (segment.readers === 0) this.#pool.give(segment)
  }

  #find(position: number): Segment | undefined {
    const [first] = this.#segments
    if (!first || position < first.start || position >= this.#end) return undefined
    return this.#segments[Math.floor((position - first.start) / segmentBytes)]
  }

  /** Where there is no memory for it, what was here before goes too: there are no gaps. */
  #put(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const segment = this.#findRoom()
      if (!segment) this.clear()
      const taken = segment?.put(chunk.subarray(at)) ?? chunk.length - at
      this.#end += taken
      at += taken
    }
  }

  #findRoom(): Segment | undefined {
    const last = this.#segments.at(-1)
    if (last && last.length < segmentBytes) return last
    const oldest = this.#segments.length < maxSegments ? undefined : this.#segments.shift()
    if (oldest) this.#drop(oldest)
    const segment = this.#pool.take()
    if (!segment) return undefined
    segment.restartAt(this.#end)
    this.#segments.push(segment)
    return segment
  }
}
