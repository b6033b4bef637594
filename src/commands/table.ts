const gap = '  '

/**
 * Aligned columns, a line each, those of numbers at their right edge; what would break a terminal's line, or
 * command it, is left out.
 */
export function formatTable(
  rows: readonly (readonly string[])[],
  indent = '',
  isNumber: (column: number) => boolean = () => false,
): string {
  const cells = rows.map((row) => row.map(toPlainLine))
  const count = Math.max(0, ...cells.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  )
  const align = (cell: string, column: number) => {
    const width = widths[column] ?? 0
    return isNumber(column) ? cell.padStart(width) : cell.padEnd(width)
  }
  const lines = cells.map((row) => row.map(align).join(gap))
  return lines
    .map((line) => `${indent}${line}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('')
}

/** Labels and annotations are whatever somebody pushed. */
export function toPlainLine(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim()
}
