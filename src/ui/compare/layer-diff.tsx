import type { ImageAnswer } from '../../answers/image.ts'
import { Bytes } from '../parts/bytes.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { formatBytes, shortDigest } from '../parts/format.ts'
import { PartsBar } from '../parts/meter.tsx'
import type { Column } from '../parts/table-props.ts'
import { type ComparedLayer, compareLayers, type Side, sumOf } from './differences.ts'

export type DiffProps = {
  readonly names: readonly [string, string]
  readonly a: ImageAnswer
  readonly b: ImageAnswer
}

const marks: Readonly<Record<Side, readonly [mark: string, word: string]>> = {
  both: ['=', 'in both'],
  a: ['−', 'only in the first'],
  b: ['+', 'only in the second'],
}

/** Which layers stay, go and come from the one to the other. */
export function LayerDiff({ names: [one, other], a, b }: DiffProps) {
  const layers = compareLayers(a, b)
  if (layers.length === 0)
    return (
      <Empty title="No layers of them are known here.">
        Their manifests aren’t here: whoever pulls them brings them.
      </Empty>
    )
  const [shared, gone, added] = [
    sumOf(layers, 'both'),
    sumOf(layers, 'a'),
    sumOf(layers, 'b'),
  ] as const
  return (
    <>
      <PartsBar
        label="Bytes of the layers"
        parts={[
          { name: 'In both', value: shared, color: 'cache' },
          { name: `− Only in ${one}`, value: gone, color: 'failed' },
          { name: `+ Only in ${other}`, value: added, color: 'pushed' },
        ]}
        total={shared + gone + added}
        format={formatBytes}
      />
      <p class="muted">
        Who has the first pulls {formatBytes(added)} for the second
        {a.layers.length === b.layers.length
          ? ''
          : `, which has ${b.layers.length} layers instead of ${a.layers.length}`}
        .
      </p>
      <DataTable
        caption="Layers of both"
        columns={columns}
        {...rowsOf(layers)}
        keyOf={({ digest }) => digest}
      />
    </>
  )
}

const columns: readonly Column<ComparedLayer>[] = [
  {
    name: 'side',
    title: 'Where',
    cell: ({ side }) => (
      <span class="compare-side">
        <span aria-hidden="true">{marks[side][0]}</span> {marks[side][1]}
      </span>
    ),
  },
  { name: 'size', title: 'Size', isNumber: true, cell: ({ size }) => <Bytes value={size} /> },
  {
    name: 'command',
    title: 'Made by',
    cell: ({ command }) => <span class="mono compare-text">{command ?? 'it doesn’t say'}</span>,
  },
  {
    name: 'digest',
    title: 'Digest',
    isMinor: true,
    cell: ({ digest }) => <code title={digest}>{shortDigest(digest)}</code>,
  },
]
