import type { BlobProgress } from './blob-progress.ts'

/** Bytes a second, over a time. */
export type Rates = {
  /** Of all large blobs of the upstream. */
  readonly sum: number
  /** Of this blob alone. */
  readonly own: number
}

/** What is added must bring this share of what as many of those before bring: half, but for noise. */
const rewardShare = 0.4

export function ratesBetween(since: BlobProgress, progress: BlobProgress): Rates {
  const seconds = (progress.atMs - since.atMs) / 1000
  return {
    sum: (progress.receivedBytes - since.receivedBytes) / seconds,
    own: (progress.ownBytes - since.ownBytes) / seconds,
  }
}

/**
 * Whether `added` connections beside so many of a blob's own have paid: by the sum, since what one blob
 * takes from another is no gain.
 */
export function pays(
  { added, beside }: { readonly added: number; readonly beside: number },
  before: Rates,
  after: Rates,
): boolean {
  return after.sum >= before.sum + (rewardShare * added * before.own) / beside
}
