import { blobLru } from './policies.ts'
import type { Run } from './runs.ts'
import { measureSpread } from './spread.ts'

const shares = ['objectHits', 'byteHits', 'pullHits'] as const
const headings = [
  '',
  'objects',
  'bytes',
  'pulls',
  '+objects',
  '+bytes',
  '+pulls',
  'GETs',
  'evicted',
]
const explanation = `Hits in %: of the blobs, of their bytes, and of the pulls for which upstream had to be asked for
nothing; then, in points, by how much that is more than of ${blobLru} on the same traces. GETs of
manifests upstream, and evictions (of blobs or images), in thousands. Means of all traces ± deviation.
`

/** For people: one block for each size of cache, one line for each policy. */
export const formatTable = (runs: readonly Run[]): string => {
  const caps = [...new Set(runs.map(({ cap }) => cap))]
  const blocks = caps.map((cap) => {
    const rows = formatRows(runs.filter((run) => run.cap === cap))
    return `\ncache of ${+(cap * 100).toFixed(2)} % of all bytes\n${joinRows([headings, ...rows])}\n`
  })
  return [explanation, ...blocks].join('')
}

const formatRows = (runs: readonly Run[]): string[][] => {
  const reference = runs.filter(({ policy }) => policy === blobLru)
  const names = [...new Set(runs.map(({ policy }) => policy))]
  return names.map((name) => {
    const own = runs.filter(({ policy }) => policy === name)
    return [
      name,
      ...shares.map((share) => formatPercent(own.map((run) => run[share]))),
      ...shares.map((share) => formatPoints(difference(own, reference, share))),
      formatThousands(own.map(({ manifestGets }) => manifestGets)),
      formatThousands(own.map(({ evictions }) => evictions)),
    ]
  })
}

/** Trace by trace: they differ more among each other than policies do on one. */
const difference = (
  own: readonly Run[],
  reference: readonly Run[],
  share: (typeof shares)[number],
): number[] =>
  own.map((run) => {
    const other = reference.find(({ seed }) => seed === run.seed)
    if (other === undefined) throw new Error(`${blobLru} didn't run on trace ${run.seed}`)
    return run[share] - other[share]
  })

const formatPercent = (values: readonly number[]): string => {
  const { mean, deviation } = measureSpread(values)
  return `${(mean * 100).toFixed(1)} ±${(deviation * 100).toFixed(1)}`
}

const formatPoints = (values: readonly number[]): string =>
  `${measureSpread(values).mean < 0 ? '' : '+'}${formatPercent(values)}`

const formatThousands = (values: readonly number[]): string =>
  (measureSpread(values).mean / 1000).toFixed(1)

/** Names stand left, figures right. */
const joinRows = (rows: readonly (readonly string[])[]): string => {
  const widths = headings.map((_, column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? '').length)),
  )
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) =>
      at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
    )
  return rows.map((cells) => line(cells).join('  ')).join('\n')
}
