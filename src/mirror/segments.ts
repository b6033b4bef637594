export const segmentBytes = 512 * 1024
/** Lent at once, to all blobs that grow. */
const maxLent = 32

/** A stretch of a blob that grows, in memory that all threads see. */
export class Segment {
  readonly #memory = Buffer.from(new SharedArrayBuffer(segmentBytes))
  /** Where it begins in the blob. */
  start = 0
  length = 0
  /** So many hold a view of it. */
  readers = 0

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

/**
 * Segments, used again for ever: memory that is shared weighs nothing for the garbage collector, so
 * that what is let go of would pile up.
 */
export class Segments {
  readonly #idle: Segment[] = []
  #lent = 0

  /** Undefined where too many are lent. */
  take(): Segment | undefined {
    if (this.#lent >= maxLent) return undefined
    this.#lent++
    return this.#idle.pop() ?? new Segment()
  }

  /** Once for each that was taken, when nobody reads it any more. */
  give(segment: Segment): void {
    this.#lent--
    this.#idle.push(segment)
  }
}
