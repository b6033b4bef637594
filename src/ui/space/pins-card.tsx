import { useState } from 'preact/hooks'
import type { PinsAnswer } from '../../answers/space.ts'
import { useSession } from '../api/session.ts'
import { useAction } from '../api/use-action.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Wall } from '../frame/wall.tsx'
import { Card } from '../parts/card.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { Fault } from '../parts/fault.tsx'
import type { Column } from '../parts/table-props.ts'
import { Waiting } from '../parts/waiting.tsx'
import { UnpinDialog } from './unpin-dialog.tsx'

/** What is never evicted. */
export function PinsCard() {
  const { data, error, isWaiting, retry } = useAnswer<PinsAnswer>('pins')
  const { data: session } = useSession()
  return (
    <Card title="Pins" class="wide">
      <p class="space-note">
        What is pinned is never evicted. A pin is a name or a pattern, so it holds for what isn’t
        pulled yet, too, and a tag that moves takes its pin with it.
      </p>
      <Patterns />
      {session?.admin ? (
        <PinForm />
      ) : (
        session && <p class="muted">Who administers the server can pin and unpin.</p>
      )}
      {error && <Wall error={error} retry={retry} what="what is pinned" />}
      {isWaiting && <Waiting what="the pins" />}
      {data && <Pins pins={data} mayChange={session?.admin === true} />}
    </Card>
  )
}

function Patterns() {
  return (
    <dl class="space-facts">
      <dt>
        <code>node:20</code>
      </dt>
      <dd>one tag; of Docker Hub where no registry is named</dd>
      <dt>
        <code>docker.io/library/node</code>
      </dt>
      <dd>all that is kept of one repository</dd>
      <dt>
        <code>docker.io/library/node:20-*</code>
      </dt>
      <dd>all tags that begin so</dd>
      <dt>
        <code>quay.io/team/**</code>
      </dt>
      <dd>all repositories below a name</dd>
    </dl>
  )
}

type Pinned = { readonly image: string; readonly isNew: boolean }

function PinForm() {
  const [image, setImage] = useState('')
  const pin = useAction<{ image: string }, Pinned>({ path: 'pin' })
  const submit = (event: Event) => {
    event.preventDefault()
    pin.run({ image: image.trim() }, () => setImage(''))
  }
  return (
    <>
      <form class="space-form" onSubmit={submit}>
        <label class="space-field">
          Image or pattern
          <input
            type="text"
            required
            size={36}
            autocomplete="off"
            value={image}
            onInput={(event) => setImage(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="primary" disabled={image.trim() === '' || pin.isRunning}>
          Pin
        </button>
      </form>
      {pin.error && <Fault error={pin.error} />}
      <p role="status">
        {pin.data &&
          `${pin.data.image} ${pin.data.isNew ? 'is pinned: it is never evicted.' : 'was pinned already.'}`}
      </p>
    </>
  )
}

type Row = { readonly pattern: string; readonly isConfigured: boolean }

function Pins({ pins, mayChange }: { readonly pins: PinsAnswer; readonly mayChange: boolean }) {
  const [leaving, setLeaving] = useState<string>()
  const rows: readonly Row[] = [
    ...pins.added.map((pattern) => ({ pattern, isConfigured: false })),
    ...pins.configured.map((pattern) => ({ pattern, isConfigured: true })),
  ]
  if (rows.length === 0) return <Empty title="Nothing is pinned." />
  const columns: readonly Column<Row>[] = [
    {
      name: 'pattern',
      title: 'Pinned',
      cell: ({ pattern }) => <code class="space-name">{pattern}</code>,
    },
    {
      name: 'by',
      title: 'By',
      cell: ({ isConfigured }) =>
        isConfigured ? (
          <>
            <code>space.pins</code> in mirrors.yaml: take it out there
          </>
        ) : (
          'hand'
        ),
    },
    {
      name: 'unpin',
      title: 'Unpin',
      cell: ({ pattern, isConfigured }) =>
        mayChange && !isConfigured ? (
          <button type="button" aria-label={`Unpin ${pattern}`} onClick={() => setLeaving(pattern)}>
            Unpin…
          </button>
        ) : null,
    },
  ]
  return (
    <>
      <DataTable
        caption="Pins"
        columns={mayChange ? columns : columns.slice(0, 2)}
        keyOf={({ pattern, isConfigured }) => `${pattern} ${isConfigured}`}
        {...rowsOf(rows)}
      />
      {leaving !== undefined && (
        <UnpinDialog pattern={leaving} onClose={() => setLeaving(undefined)} />
      )}
    </>
  )
}
