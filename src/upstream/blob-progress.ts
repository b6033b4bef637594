/** How a blob is doing at a moment. */
export type BlobProgress = {
  readonly atMs: number
  /** Received so far, by all large blobs of the upstream: what one takes from another is no gain. */
  readonly receivedBytes: number
  /** Received so far, by this blob alone. */
  readonly ownBytes: number
  /** How long the blob's reader has waited for upstream so far. */
  readonly waitedMs: number
  /** How long this thread has had nothing to do so far. */
  readonly idleMs: number
  readonly remainingBytes: number
  /** Connections of the blob on which bytes have begun to come. */
  readonly flowing: number
  /** Of the upstream, under way. */
  readonly blobs: number
  /** Whether lately there wasn't what was wanted: a connection was closed, or couldn't be begun. */
  readonly isDisturbed: boolean
}
