/** How many connections for one blob an upstream was found to reward. */
export type KnownCount = {
  readonly connections: number
  /** Whether one more is known not to pay. */
  readonly isFinal: boolean
}

/** Lines and limits change: what was found out is found out again after a while. */
const rememberedForMs = 10 * 60_000

/** What the blobs of an upstream have found out, for those that come after them. */
export class LearnedCount {
  readonly #elapsedMs: () => number
  #known: KnownCount | undefined
  #until = 0

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
  }

  /** Undefined where nothing is known, or no longer. */
  get known(): KnownCount | undefined {
    return this.#elapsedMs() < this.#until ? this.#known : undefined
  }

  learn(known: KnownCount): void {
    this.#known = known
    this.#until = this.#elapsedMs() + rememberedForMs
  }
}
