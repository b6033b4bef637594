import { firstByteBounds, type Slot } from '../store/chronicle-records.ts'

type Counts = Slot['counts']

const indexes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const

/**
 * Below which time this share of the answers began, as if those of a bucket were spread evenly over it. What took
 * longer than all bounds stands for the last one. Undefined where nothing was answered.
 */
export function findFirstByte(counts: Counts, share: number): number | undefined {
  const histogram = indexes.map((index) => counts[`took${index}`])
  const rank = share * histogram.reduce((sum, count) => sum + count, 0)
  let below = 0
  for (const [index, count] of histogram.entries()) {
    if (count > 0 && below + count >= rank) {
      const [from, to] = [firstByteBounds[index - 1] ?? 0, firstByteBounds[index]]
      return to === undefined ? from : from + ((to - from) * (rank - below)) / count
    }
    below += count
  }
  return undefined
}
