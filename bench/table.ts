import type { ComparisonRow } from './comparison.ts'

const headings = ['', 'times', 'median', 'min - max', 'entrepot is', 'goal', ''] as const
const gap = '  '

/** The comparison for people: one block a case and metric, one line a server. */
export const formatTable = (rows: readonly ComparisonRow[]): string => {
  const lines = rows.map(formatCells)
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...lines.map((cells) => cells[column]?.length ?? 0)),
  )
  const blocks = rows.map((row, index) => {
    const isFirst = blockTitle(row) !== blockTitle(rows[index - 1])
    const line = joinCells(lines[index] ?? [], widths)
    return isFirst ? `\n${blockTitle(row)}\n${line}` : line
  })
  return [joinCells(headings, widths), ...blocks, ''].join('\n')
}

const blockTitle = (row: ComparisonRow | undefined): string =>
  row === undefined ? '' : `${row.case}: ${row.metric.title}`

const formatCells = ({ server, metric, summary, ratio, goal }: ComparisonRow): string[] => {
  const { format } = metric
  return [
    `  ${server}`,
    `${summary.count}`,
    format(summary.median),
    `${format(summary.min)} - ${format(summary.max)}`,
    ratio === undefined || !Number.isFinite(ratio) ? '' : `${ratio.toPrecision(3)}x`,
    goal?.text ?? '',
    goal === undefined ? '' : goal.isMet ? 'met' : 'MISSED',
  ]
}

/** Names stand left, figures right. */
const joinCells = (cells: readonly string[], widths: readonly number[]): string =>
  widths
    .map((width, column) => {
      const cell = cells[column] ?? ''
      return column === 0 || column === widths.length - 1
        ? cell.padEnd(width)
        : cell.padStart(width)
    })
    .join(gap)
    .trimEnd()
