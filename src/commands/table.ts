const gap = '  '

/** Aligned columns, a line each; what would break a terminal's line, or command it, is left out. */
export function formatTable(rows: readonly (readonly string[])[], indent = ''): string {
  const cells = rows.map((row) => row.map(toPlainLine))
  const count = Math.max(0, ...cells.map((row) => row.length))
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  )
  const lines = cells.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(gap),
  )
  return lines
    .map((line) => `${indent}${line}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('')
}

/** Labels and annotations are whatever somebody pushed. */
export function toPlainLine(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim()
}
