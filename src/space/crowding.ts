type Measured = {
  /** What is to go so that the disk is as empty as it should be. */
  readonly excessBytes: number
  /** What is kept that may go. */
  readonly mirroredBytes: number
  /** Above what stays free. */
  readonly spareBytes: number
  /** What was pushed here: others' is all that is used beside it and what was mirrored. */
  readonly pushedBytes: number
}

/** Of the whole disk. */
export type Growth = {
  readonly usedBytes: number
  /** That we have ever written. */
  readonly writtenBytes: number
}

/** `isTheirs`: others have filled the disk. */
export type Share = { readonly bytes: number; readonly isTheirs: boolean }

const yieldsEveryMs = 3_600_000

/**
 * Where other data fills the disk the cache gives way once in an hour, and not by more than half; then it
 * holds its size, or half of what room there is left: else it would be emptied again and again for whoever
 * takes all that there is.
 */
export class Crowding {
  #calm: Growth | undefined
  #heldBytes: number | undefined
  #yieldedAt = Number.NEGATIVE_INFINITY

  /** Whether it holds its size. */
  get isHeld(): boolean {
    return this.#heldBytes !== undefined
  }

  /** The disk is as empty as it should be. */
  calm(growth: Growth): void {
    this.#calm = growth
    this.#heldBytes = undefined
  }

  /** So much went: what the disk doesn't give back is as if others had taken it. */
  noteFreed(bytes: number): void {
    if (this.#calm) this.#calm = { ...this.#calm, usedBytes: this.#calm.usedBytes - bytes }
  }

  /** How much is to go. Times are milliseconds. */
  limit(measured: Measured, growth: Growth, now: number): Share {
    const { excessBytes, mirroredBytes } = measured
    const isTheirs = this.#isTheirs(growth)
    // From here on what they take is new.
    this.#calm = growth
    const isMuch = excessBytes * 2 > mirroredBytes
    const wasAsked = isTheirs && now - this.#yieldedAt < yieldsEveryMs
    // Pushes have nowhere else to go, and what was mirrored can be fetched again.
    if (isMuch && !isForeign(measured, growth))
      return { bytes: Math.min(excessBytes, mirroredBytes), isTheirs: false }
    if (this.isHeld || isMuch || wasAsked) return { bytes: this.#hold(measured), isTheirs: true }
    if (isTheirs) this.#yieldedAt = now
    return { bytes: excessBytes, isTheirs }
  }

  /** Whether more was written by others than by us. */
  #isTheirs({ usedBytes, writtenBytes }: Growth): boolean {
    if (!this.#calm) return false
    const ours = writtenBytes - this.#calm.writtenBytes
    return usedBytes - this.#calm.usedBytes > 2 * ours
  }

  #hold({ mirroredBytes, spareBytes }: Measured): number {
    const roomBytes = (mirroredBytes + Math.max(0, spareBytes)) / 2
    this.#heldBytes ??= Math.max(mirroredBytes, roomBytes)
    return mirroredBytes > this.#heldBytes ? mirroredBytes - this.#heldBytes * 0.9 : 0
  }
}

/** Whether most of what we haven't mirrored isn't ours at all. */
function isForeign({ mirroredBytes, pushedBytes }: Measured, { usedBytes }: Growth): boolean {
  return usedBytes - mirroredBytes > 2 * pushedBytes
}
