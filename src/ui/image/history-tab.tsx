import type { ImageAnswer, StepAnswer } from '../../answers/image.ts'
import { Bytes } from '../parts/bytes.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import type { Column } from '../parts/table-props.ts'
import { When } from '../parts/when.tsx'

type Row = StepAnswer & { readonly at: number; readonly size: number | undefined }

/** The steps by which it was made; those that changed no file have no layer. */
export function HistoryTab({ image }: { readonly image: ImageAnswer }) {
  const rows = rowsOfHistory(image)
  if (rows.length === 0)
    return (
      <Empty title="It doesn’t say how it was made.">
        Its configuration isn’t here yet, or tells no history.
      </Empty>
    )
  return (
    <DataTable
      caption="Steps, the first one first"
      columns={columns}
      {...rowsOf(rows)}
      keyOf={({ at }) => String(at)}
    />
  )
}

function rowsOfHistory({ history, layers }: ImageAnswer): readonly Row[] {
  const isTold = history.filter(({ empty }) => !empty).length === layers.length
  let next = 0
  return history.map((step, at) => {
    const layer = step.empty || !isTold ? undefined : layers[next++]
    return { ...step, at: at + 1, size: step.empty ? 0 : layer?.size }
  })
}

const columns: readonly Column<Row>[] = [
  { name: 'at', title: '#', cell: ({ at }) => at, isNumber: true },
  {
    name: 'command',
    title: 'Step',
    cell: ({ command, comment }) => (
      <span class="mono image-text">
        {command ?? ''} {comment !== undefined && <span class="muted">({comment})</span>}
      </span>
    ),
  },
  {
    name: 'size',
    title: 'Layer',
    isNumber: true,
    cell: ({ empty, size }) =>
      empty ? <span class="muted">none</span> : <Bytes value={size} unknown="not told" />,
  },
  {
    name: 'created',
    title: 'Made',
    isMinor: true,
    cell: ({ created }) => <When at={created} unknown="it doesn’t say" />,
  },
]
