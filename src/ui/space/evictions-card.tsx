import type { EvictionAnswer, EvictionsAnswer } from '../../answers/space.ts'
import { withQuery } from '../api/ask.ts'
import { useAnswer } from '../api/use-answer.ts'
import { hrefOf } from '../frame/route.ts'
import { Bytes } from '../parts/bytes.tsx'
import { Card } from '../parts/card.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { Fault } from '../parts/fault.tsx'
import type { Column } from '../parts/table-props.ts'
import { Waiting } from '../parts/waiting.tsx'
import { When } from '../parts/when.tsx'
import { ImageName } from './image-name.tsx'

/** What went, when and why: the last 10,000. */
export function EvictionsCard({ after }: { readonly after: string | null }) {
  const path = withQuery('evictions', { limit: 50, after: after ?? undefined })
  const { data, error, isWaiting, isOld, retry } = useAnswer<EvictionsAnswer>(path)
  const view = 'goes'
  return (
    <Card title="What went" class="wide">
      {error && <Fault error={error} retry={retry} />}
      {isWaiting && <Waiting what="what went" />}
      {data?.evictions.length === 0 && (
        <Empty title="Nothing was evicted yet.">
          <p>What goes to make room is listed here, with when and why.</p>
        </Empty>
      )}
      {data && data.evictions.length > 0 && (
        <DataTable
          caption="Images that went, the last one first"
          columns={columns}
          keyOf={({ at, digest }) => `${at} ${digest}`}
          isOld={isOld}
          {...rowsOf(data.evictions)}
        />
      )}
      <p class="space-actions">
        {after !== null && <a href={hrefOf('space', '', { view })}>Newest</a>}
        {data?.next !== undefined && (
          <a href={hrefOf('space', '', { view, after: data.next })}>Older ones</a>
        )}
      </p>
    </Card>
  )
}

const columns: readonly Column<EvictionAnswer>[] = [
  { name: 'at', title: 'When', cell: ({ at }) => <When at={at} /> },
  { name: 'image', title: 'Image', cell: (image) => <ImageName {...image} isKept={false} /> },
  { name: 'why', title: 'Why', cell: ({ reason }) => <span class="space-name">{reason}</span> },
  {
    name: 'pull',
    title: 'Last pull before',
    isMinor: true,
    cell: ({ lastPull }) => <When at={lastPull} />,
  },
  {
    name: 'freed',
    title: 'Freed',
    isNumber: true,
    cell: ({ freedBytes }) => <Bytes value={freedBytes} />,
  },
]
