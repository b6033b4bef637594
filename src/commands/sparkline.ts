const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const
/** Nothing is known of that time. */
const unknown = '·'

export type Point = { readonly at: number; readonly share: number }
type Span = { readonly from: number; readonly to: number; readonly columns: number }

/** A line of bars over a span of time: the lowest share, 0 to 1, of what lies in each column. */
export function formatSparkline(points: readonly Point[], { from, to, columns }: Span): string {
  const lowest = new Array<number | undefined>(columns).fill(undefined)
  for (const { at, share } of points) {
    if (at < from || at > to) continue
    const column = Math.min(columns - 1, Math.floor(((at - from) / (to - from)) * columns))
    lowest[column] = Math.min(share, lowest[column] ?? share)
  }
  return lowest.map((share) => (share === undefined ? unknown : barOf(share))).join('')
}

function barOf(share: number): string {
  const height = Math.min(bars.length - 1, Math.max(0, Math.floor(share * bars.length)))
  return bars[height] ?? unknown
}
