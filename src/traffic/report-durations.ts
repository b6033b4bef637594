import { type Counters, durationBounds } from '../store/ledger-records.ts'

/** How many answers took how long, in the order of durationBounds; the last is of those that took longer. */
export type Histogram = readonly number[]

export function readHistogram(counters: Counters): Histogram {
  const { took0, took1, took2, took3, took4, took5, took6, took7 } = counters
  return [took0, took1, took2, took3, took4, took5, took6, took7]
}

/**
 * Below which time this share of the answers lies, as if those of a bucket were spread evenly over it. Of what
 * took longer than all bounds only that is known: the last bound stands for it. Undefined where there are none.
 */
export function findQuantile(histogram: Histogram, share: number): number | undefined {
  const total = histogram.reduce((sum, count) => sum + count, 0)
  if (total === 0) return undefined
  const rank = share * total
  let below = 0
  for (const [index, bound] of durationBounds.entries()) {
    const count = histogram[index] ?? 0
    if (count > 0 && below + count >= rank) {
      const from = durationBounds[index - 1] ?? 0
      return from + ((bound - from) * (rank - below)) / count
    }
    below += count
  }
  return durationBounds.at(-1)
}
