export interface Spread {
  readonly mean: number
  /** The sample's standard deviation; 0 of a single value. */
  readonly deviation: number
}

/** Throws on an empty list: nothing measured is a defect, not a zero. */
export const measureSpread = (values: readonly number[]): Spread => {
  if (values.length === 0) throw new Error('no values to take the mean of')
  const mean = sum(values) / values.length
  const squares = sum(values.map((value) => (value - mean) ** 2))
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) }
}

const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0)
