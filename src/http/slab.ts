export const slabBytes = 1024 * 1024

/** A stretch of memory that is lent in pieces of one size, which may change while none is lent. */
export class Slab {
  readonly memory = new ArrayBuffer(slabBytes)
  readonly #lent = new Set<Buffer>()
  #pieceBytes = 0
  #idle: Buffer[] = []

  /** None of its pieces is lent. */
  get isFree(): boolean {
    return this.#lent.size === 0
  }

  /** All of its pieces are lent. */
  get isSpent(): boolean {
    return this.#idle.length === 0
  }

  /** Only while it is free; `pieceBytes` divides `slabBytes`. */
  cut(pieceBytes: number): void {
    if (pieceBytes === this.#pieceBytes) return
    this.#pieceBytes = pieceBytes
    this.#idle = Array.from({ length: slabBytes / pieceBytes }, (_, index) =>
      Buffer.from(this.memory, index * pieceBytes, pieceBytes),
    )
  }

  /** Gives the memory back to the system, now and not when its garbage is worth collecting. Only while it is free. */
  free(): void {
    this.#idle = []
    this.memory.transfer(0)
  }

  /** Throws if it is spent. */
  take(): Buffer {
    const piece = this.#idle.pop()
    if (!piece) throw new Error('a slab of which all is lent was asked for more')
    this.#lent.add(piece)
    return piece
  }

  /** Throws for what isn't lent: given back twice, it would go to two streams at once. */
  give(piece: Buffer): void {
    if (!this.#lent.delete(piece)) throw new Error('a buffer was given back that is not lent')
    this.#idle.push(piece)
  }
}
