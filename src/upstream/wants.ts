/** A blob that hasn't asked again for so long hardly gets anything: nobody need wait for it. */
const countsForMs = 500

/**
 * Of an upstream's blobs, those that couldn't have one more connection. Whoever has more than one of
 * them goes behind it, so that the layers of an image, of which each wants what there is, end together.
 */
export class Wants {
  readonly #elapsedMs: () => number
  readonly #wants = new Map<object, { readonly connections: number; readonly atMs: number }>()

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
  }

  /** `blob` has so many, and couldn't have one more. */
  note(blob: object, connections: number): void {
    this.#wants.set(blob, { connections, atMs: this.#elapsedMs() })
  }

  /** It has what it wants, or wants nothing. */
  forget(blob: object): void {
    this.#wants.delete(blob)
  }

  /** Whether `blob`, which has so many, may have one more before the others. */
  isTurnOf(blob: object, connections: number): boolean {
    return !this.#others(blob).some((its) => its < connections)
  }

  /** Whether any other blob couldn't have one more. */
  areOthers(blob: object): boolean {
    return this.#others(blob).some(() => true)
  }

  /** How many the others have that still ask. */
  #others(blob: object): IteratorObject<number> {
    const now = this.#elapsedMs()
    return this.#wants
      .entries()
      .filter(([other, { atMs }]) => other !== blob && now - atMs <= countsForMs)
      .map(([, { connections }]) => connections)
  }
}
