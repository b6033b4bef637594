import type { Finding } from './findings.ts'
import type { Scenario } from './scenarios/scenario.ts'

const gap = '  '

/** A scenario for people: what it stands for, how it is scaled, and a line for each finding. */
export const formatVerdict = (
  { name, title, scale }: Scenario,
  findings: readonly Finding[],
): string => {
  const rows = [['', 'measured', 'wanted', ''], ...findings.map(toCells)]
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...rows.map((cells) => cells[column]?.length ?? 0)),
  )
  const [heading = '', ...lines] = rows.map((cells) => joinCells(cells, widths))
  const body = findings.flatMap((finding, at) => [lines[at], ...listDetails(finding)])
  const scaleLines = scale.map((line) => `  scaled: ${line}`)
  return ['', `${name}: ${title}`, ...scaleLines, heading, ...body, ''].join('\n')
}

const listDetails = ({ isMet, details = [] }: Finding): string[] =>
  isMet === false ? details.map((detail) => `      ${detail}`) : []

const toCells = ({ what, measured, wanted = '', isMet }: Finding): string[] => [
  `  ${what}`,
  measured,
  wanted,
  isMet === undefined ? '' : isMet ? 'met' : 'MISSED',
]

/** Figures stand right, words left. */
const joinCells = (cells: readonly string[], widths: readonly number[]): string =>
  cells
    .map((cell, column) => {
      const width = widths[column] ?? 0
      return column === 1 ? cell.padStart(width) : cell.padEnd(width)
    })
    .join(gap)
    .trimEnd()
