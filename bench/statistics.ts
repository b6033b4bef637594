/** What several measurements of one thing amount to. */
export interface Summary {
  readonly count: number
  readonly median: number
  readonly min: number
  readonly max: number
}

/** Throws on an empty list: nothing measured is a defect, not a zero. */
export const summarize = (values: readonly number[]): Summary => {
  const sorted = values.toSorted((a, b) => a - b)
  const [min] = sorted
  const max = sorted.at(-1)
  if (min === undefined || max === undefined) throw new Error('no values to summarize')
  return { count: sorted.length, median: median(sorted), min, max }
}

const median = (sorted: readonly number[]): number => {
  const middle = (sorted.length - 1) / 2
  const lower = sorted[Math.floor(middle)] ?? Number.NaN
  const upper = sorted[Math.ceil(middle)] ?? Number.NaN
  return (lower + upper) / 2
}

/** A copy that starts at another place each round, so that no server always goes first. */
export const rotate = <T>(items: readonly T[], by: number): T[] => {
  const start = items.length === 0 ? 0 : by % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
