import type { EvictAnswer, NextEviction } from '../../answers/space.ts'
import { Bytes } from '../parts/bytes.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { formatBytes, formatCount } from '../parts/format.ts'
import type { Column } from '../parts/table-props.ts'
import { When } from '../parts/when.tsx'
import { ImageName } from './image-name.tsx'

const mostShown = 100

/** What would go, before it does. */
export function EvictPreview({
  plan,
  onRun,
}: {
  readonly plan: EvictAnswer
  readonly onRun: () => void
}) {
  const { wantedBytes, count, orphans, freedBytes, isEnough, images } = plan
  if (wantedBytes === 0)
    return <p role="status">The disk is no fuller than that: nothing has to go.</p>
  if (count + orphans === 0)
    return (
      <p role="status">
        {formatBytes(wantedBytes)} were to go, and nothing may: what is kept was pushed here, is
        pinned, or was pulled within <code>space.minAge</code>.
      </p>
    )
  return (
    <>
      <p role="status">
        <strong>
          {describe(plan)} would go and free {formatBytes(freedBytes)}
        </strong>{' '}
        of the {formatBytes(wantedBytes)} that are too much.
        {!isEnough && ' Nothing else may go.'} Who pulls one of them has it fetched again.
      </p>
      <SharedNote plan={plan} />
      <DataTable
        caption="Images that would go"
        columns={columns}
        keyOf={({ name, digest }) => `${name}@${digest}`}
        {...rowsOf(images.slice(0, mostShown))}
      />
      {count > mostShown && (
        <p class="muted">
          The first {mostShown} of {formatCount(count)}.
        </p>
      )}
      <div class="dialog-actions">
        <button type="button" class="danger" onClick={onRun}>
          Evict {describe(plan)}
        </button>
      </div>
    </>
  )
}

/** What went. */
export function EvictResult({
  done,
  onClose,
}: {
  readonly done: EvictAnswer
  readonly onClose: () => void
}) {
  return (
    <>
      <p role="status">
        <strong>
          {describe(done)} went, which freed {formatBytes(done.freedBytes)}.
        </strong>
        {!done.isEnough && ' That is less than was to go: nothing else may.'}
      </p>
      <SharedNote plan={done} />
      <div class="dialog-actions">
        <button type="button" class="primary" onClick={onClose}>
          Done
        </button>
      </div>
    </>
  )
}

function SharedNote({ plan: { sharedBytes } }: { readonly plan: EvictAnswer }) {
  if (sharedBytes === 0) return null
  return (
    <p class="muted">
      {formatBytes(sharedBytes)} of it stay on the disk: a backup, or another registry’s folder, has
      the same files.
    </p>
  )
}

function describe({ count, orphans }: EvictAnswer): string {
  const images = count === 1 ? '1 image' : `${formatCount(count)} images`
  if (orphans === 0) return images
  return `${images} and ${orphans === 1 ? '1 blob' : `${formatCount(orphans)} blobs`} of none`
}

const columns: readonly Column<NextEviction>[] = [
  { name: 'image', title: 'Image', cell: (image) => <ImageName {...image} isKept /> },
  {
    name: 'pull',
    title: 'Last pull',
    isMinor: true,
    cell: ({ lastPull }) => <When at={lastPull} />,
  },
  {
    name: 'frees',
    title: 'Frees',
    isNumber: true,
    cell: ({ freedBytes }) => <Bytes value={freedBytes} />,
  },
]
