/** What an upstream was asked for since it started, or since it was told to count anew. */
export interface Counts {
  readonly tokens: number
  readonly manifestGets: number
  readonly manifestHeads: number
  readonly tooManyRequests: number
  readonly blobGets: number
  readonly blobHeads: number
  /** Those with a Range, of the blob GETs. */
  readonly rangedBlobGets: number
  readonly distinctBlobs: number
  /** The most GETs without a Range that one blob saw. */
  readonly mostWholeGetsOfOneBlob: number
  /** As handed to the kernel, bodies only. */
  readonly blobBytes: number
}

/** Counts as requests come in. */
export class Tally {
  tokens = 0
  manifestGets = 0
  manifestHeads = 0
  tooManyRequests = 0
  blobHeads = 0
  rangedBlobGets = 0
  blobBytes = 0
  readonly #wholeGets = new Map<string, number>()
  readonly #asked = new Set<string>()
  #blobGets = 0

  countBlobGet(digest: string, isRanged: boolean): void {
    this.#blobGets++
    this.#asked.add(digest)
    if (isRanged) this.rangedBlobGets++
    else this.#wholeGets.set(digest, (this.#wholeGets.get(digest) ?? 0) + 1)
  }

  read(): Counts {
    return {
      tokens: this.tokens,
      manifestGets: this.manifestGets,
      manifestHeads: this.manifestHeads,
      tooManyRequests: this.tooManyRequests,
      blobGets: this.#blobGets,
      blobHeads: this.blobHeads,
      rangedBlobGets: this.rangedBlobGets,
      distinctBlobs: this.#asked.size,
      mostWholeGetsOfOneBlob: Math.max(0, ...this.#wholeGets.values()),
      blobBytes: this.blobBytes,
    }
  }
}
