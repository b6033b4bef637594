const hourMs = 3_600_000

export type RangeName = '24h' | '7d' | '30d'

/** What the page looks back on, and before that, for comparison. */
export type Range = {
  readonly name: RangeName
  readonly title: string
  /** For the report. */
  readonly by: 'hour' | 'day'
  readonly before: string
  /** Of one bar. */
  readonly slotMs: number
}

export const ranges: readonly Range[] = [
  { name: '24h', title: '24 hours', by: 'hour', before: '48h', slotMs: hourMs },
  { name: '7d', title: '7 days', by: 'hour', before: '14d', slotMs: 6 * hourMs },
  { name: '30d', title: '30 days', by: 'day', before: '60d', slotMs: 24 * hourMs },
]

const [usual] = ranges

export function findRange(name: string | null): Range {
  const found = ranges.find((range) => range.name === name) ?? usual
  if (!found) throw new Error('there are no ranges')
  return found
}
