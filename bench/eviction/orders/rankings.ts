import type { Ranking } from './ranked-order.ts'

/** Least recently used first. */
export const lru: Ranking = ({ at }) => at

/** Least frequently used first, with dynamic aging (LFU-DA; Arlitt et al., 2000). */
export const lfuAging: Ranking = ({ uses, floor }) => floor + uses

/** Greedy dual by size and frequency (GDSF; Cherkasova, 1998): a hit counts the same at any size. */
export const gdsf: Ranking = ({ uses, floor, thing }) => floor + uses / thing.sizeBytes

/** Between the two: ten times the size is worth a little less, not a tenth. */
export const gdsfLog: Ranking = ({ uses, floor, thing }) =>
  floor + uses / Math.log2(Math.max(2, thing.sizeBytes))

/**
 * Every use counts half as much after each half-life, in uses of anything: near 0 it is LRU, near
 * infinity LFU. Kept as the logarithm of the sum as it was at use 0, which doesn't change while
 * time passes.
 */
export const halfLife =
  (uses: number): Ranking =>
  ({ at, rank }) => {
    const now = at / uses
    return rank === undefined ? now : now + Math.log2(1 + 2 ** (rank - now))
  }
