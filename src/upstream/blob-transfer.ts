import type { BlobAnswer, BlobPart } from './blob-answer.ts'

/** The bytes of a blob, or of a part of it, over as many connections as it takes. */
export type BlobTransfer = {
  /** Of the whole blob; undefined where upstream doesn't say. */
  readonly sizeBytes: number | undefined
  /** Whether upstream serves parts: if not, what comes before the part is fetched too, and dropped. */
  readonly isRanged: boolean
  /** From the first byte that was asked for on; throws UpstreamError where it can't go on. */
  readonly chunks: AsyncIterable<Uint8Array>
  /**
   * The reader needs no chunk before `position` in the blob any more. Where there is this, the chunks'
   * memory is used again; it is called in order.
   */
  release?(position: number): void
  /** Ends the transfer, if it hasn't ended; the caller always calls it. */
  destroy(): void
}

/** Opens one connection for a transfer. Throws UpstreamError. */
export type OpenConnection = (part: BlobPart, opening: Opening) => Promise<BlobAnswer>

export type Opening = {
  /** 0 means the first URL, 1 the next, and so on round. */
  readonly turn: number
  /** Of the whole, if it is known: an answer that says otherwise is about another object. */
  readonly sizeBytes: number | undefined
  /** Whether some of it has come already, so that upstream had it a moment ago. */
  readonly isKnown: boolean
  /** Whether it is fetched ahead of whoever reads: nothing depends on it. */
  readonly isAhead: boolean
  /** Whether it is the next piece of what is brought to its end also when the mirror goes offline. */
  readonly isPromised: boolean
  readonly signal: AbortSignal
}

/** What is known from other connections of the transfer that a part belongs to. */
export type Rest = {
  /** Of the whole. */
  readonly sizeBytes: number
  readonly isAhead: boolean
}
