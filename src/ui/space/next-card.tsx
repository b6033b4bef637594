import { useState } from 'preact/hooks'
import type { NextEviction, NextEvictionsAnswer, SpaceAnswer } from '../../answers/space.ts'
import { withQuery } from '../api/ask.ts'
import { useAnswer } from '../api/use-answer.ts'
import { hrefOf } from '../frame/route.ts'
import { Bytes } from '../parts/bytes.tsx'
import { Card } from '../parts/card.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { Fault } from '../parts/fault.tsx'
import { formatShare } from '../parts/format.ts'
import type { Column } from '../parts/table-props.ts'
import { useNow, When } from '../parts/when.tsx'
import { EvictButton } from './evict-button.tsx'
import { ImageName } from './image-name.tsx'
import { sayWhy } from './say-why.ts'

const firstCount = 20
export const firstPath = pathOf(firstCount)
const mostCount = 500

/** What would go next, and why. */
export function NextCard({ space }: { readonly space: SpaceAnswer }) {
  const [limit, setLimit] = useState(firstCount)
  const { data: offline } = useAnswer<{ readonly offline: boolean }>('offline')
  const { data, error, isOld, retry } = useAnswer<NextEvictionsAnswer>(pathOf(limit))
  return (
    <Card title="What would go next" class="wide" aside={<EvictButton space={space} />}>
      <p class="space-note">
        {offline?.offline
          ? 'Nothing goes by itself while the server is offline: it couldn’t be fetched again.'
          : when(space)}{' '}
        The least recently pulled image goes first, whole. What was pushed here, what is{' '}
        <a href={hrefOf('space', '', { view: 'pins' })}>pinned</a>, and what was pulled within{' '}
        <code>space.minAge</code> stays; a layer goes when no image that is kept needs it.
      </p>
      {error && <Fault error={error} retry={retry} />}
      {data?.images.length === 0 && (
        <Empty title="Nothing may go.">
          <p>
            No image was mirrored, or each of them is pinned or was pulled within{' '}
            <code>space.minAge</code>.
          </p>
        </Empty>
      )}
      {data && data.images.length > 0 && <Next images={data.images} isOld={isOld} />}
      {data?.hasMore && limit < mostCount && (
        <button type="button" onClick={() => setLimit(Math.min(mostCount, limit * 5))}>
          Show more
        </button>
      )}
    </Card>
  )
}

function pathOf(limit: number): string {
  return withQuery('next-evictions', { limit })
}

function when({ disk }: SpaceAnswer): string {
  const share = disk.totalBytes > 0 ? disk.usedBytes / disk.totalBytes : 0
  return share >= disk.high
    ? `The disk is ${formatShare(share)} full, over the ${formatShare(disk.high)} that it may be: images go now.`
    : `Nothing goes for the disk’s sake now: it is ${formatShare(share)} full, and images go from ${formatShare(disk.high)} on.`
}

type Listed = { readonly images: readonly NextEviction[]; readonly isOld: boolean }

function Next({ images, isOld }: Listed) {
  const now = useNow()
  const columns: readonly Column<NextEviction>[] = [
    { name: 'image', title: 'Image', cell: (image) => <ImageName {...image} isKept /> },
    { name: 'pull', title: 'Last pull', cell: ({ lastPull }) => <When at={lastPull} /> },
    {
      name: 'why',
      title: 'Why',
      isMinor: true,
      cell: ({ lastPull, freedBytes }) => sayWhy(Date.parse(lastPull), freedBytes, now),
    },
    {
      name: 'frees',
      title: 'Frees',
      isNumber: true,
      help: 'Once those before it have gone',
      cell: ({ freedBytes }) => <Bytes value={freedBytes} />,
    },
  ]
  return (
    <DataTable
      caption="Images, the next to go first"
      columns={columns}
      keyOf={({ name, digest }) => `${name}@${digest}`}
      isOld={isOld}
      {...rowsOf(images)}
    />
  )
}
