import { useState } from 'preact/hooks'
import type {
  BackupAnswer,
  BackupsAnswer,
  EndedBackupAnswer,
  RunningBackupAnswer,
} from '../../answers/backups.ts'
import { useAction } from '../api/use-action.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Badge } from '../parts/badge.tsx'
import { Bytes, Count } from '../parts/bytes.tsx'
import { Card } from '../parts/card.tsx'
import { Code } from '../parts/code.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { Fault } from '../parts/fault.tsx'
import { formatBytes, formatCount } from '../parts/format.ts'
import type { Column } from '../parts/table-props.ts'
import { Waiting } from '../parts/waiting.tsx'
import { When } from '../parts/when.tsx'
import { BackupDialog } from './backup-dialog.tsx'

const watchMs = 1_000
const restMs = 15_000

/** Backups in the folder that mirrors.yaml names. */
export function BackupsCard() {
  const [isBusy, setBusy] = useState(false)
  const { data, error, isWaiting, retry } = useAnswer<BackupsAnswer>('backups', {
    everyMs: isBusy ? watchMs : restMs,
  })
  if (data && (data.running !== undefined) !== isBusy) setBusy(data.running !== undefined)
  const mayBegin = data?.folder !== undefined && data.fault === undefined && !data.running
  return (
    <Card title="Backups" class="wide" aside={mayBegin && <BackupButton backups={data.backups} />}>
      {error && <Fault error={error} retry={retry} />}
      {isWaiting && <Waiting what="the backups" />}
      {data && (data.folder === undefined ? <NoFolder /> : <Backups answer={data} />)}
    </Card>
  )
}

function NoFolder() {
  return (
    <>
      <p class="space-note">
        From here, backups are made only into a folder that <code>mirrors.yaml</code> names: outside
        of the data folder, best on another disk. It is taken up without a restart.
      </p>
      <Code label="the setting" caption="mirrors.yaml" text="backups: /mnt/backups" />
      <p class="space-note">Or make one where the server runs; what is new is added each time:</p>
      <Code label="the command" text="entrepot backup /mnt/backup" />
    </>
  )
}

function BackupButton({ backups }: Pick<BackupsAnswer, 'backups'>) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Make a backup…
      </button>
      {isOpen && <BackupDialog backups={backups} onClose={() => setOpen(false)} />}
    </>
  )
}

function Backups({ answer }: { readonly answer: BackupsAnswer }) {
  const { folder, fault, running, last, backups } = answer
  return (
    <>
      <p class="space-note">
        In <code class="space-name">{folder}</code> on the server. A backup holds all that was
        pushed and kept before its time, with users and tokens; <code>entrepot restore</code> makes
        a data folder of it.
      </p>
      {fault !== undefined && (
        <Fault
          error={new Error(`The folder can’t be read: ${fault}. Make it, or mount its disk.`)}
        />
      )}
      {running && <Running run={running} />}
      {!running && last && <Last backup={last} />}
      {backups.length === 0 ? (
        <Empty title="There are no backups there." />
      ) : (
        <DataTable
          caption="Backups"
          columns={columns}
          keyOf={({ name }) => name}
          {...rowsOf(backups)}
        />
      )}
    </>
  )
}

const steps = {
  blobs: 'blobs looked at',
  database: 'the database is copied',
  'new blobs': 'new blobs so far',
  'old blobs': 'blobs looked at for what is no longer needed',
} as const

function Running({ run }: { readonly run: RunningBackupAnswer }) {
  const stop = useAction<Record<never, never>, BackupsAnswer>({ path: 'backups', method: 'DELETE' })
  const { name, step, blobs } = run
  const what =
    step === 'database' ? steps.database : `${formatCount(blobs)} ${steps[step ?? 'blobs']}`
  return (
    <>
      <p role="status">
        Making the backup {name}: {what}.
      </p>
      <button type="button" disabled={stop.isRunning} onClick={() => stop.run({})}>
        Stop
      </button>{' '}
      <span class="muted">The backup before stays as it was.</span>
      {stop.error && <Fault error={stop.error} />}
    </>
  )
}

function Last({ backup }: { readonly backup: EndedBackupAnswer }) {
  const { name, state, error, endedAt, newBytes = 0, problems } = backup
  if (state === 'failed') return <Fault error={new Error(`The backup ${name} failed: ${error}`)} />
  if (state === 'stopped')
    return (
      <p>
        <Badge kind="off">stopped</Badge> The backup {name} was stopped <When at={endedAt} />.
      </p>
    )
  return (
    <>
      <p role="status">
        <Badge kind={problems.length > 0 ? 'warning' : 'ok'}>made</Badge> The backup {name} was made{' '}
        <When at={endedAt} />; {formatBytes(newBytes)} were new.
      </p>
      {problems.length > 0 && (
        <>
          <p>
            These blobs couldn’t be had, and the backup is without them. Have all of it verified:
          </p>
          <ul>
            {problems.map(({ digest, what }) => (
              <li key={digest} class="space-name">
                <code>{digest}</code> {what}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}

function BackupState({ state }: Pick<BackupAnswer, 'state'>) {
  if (state === 'whole') return <Badge kind="ok">whole</Badge>
  if (state === 'unfinished') return <Badge kind="warning">never finished</Badge>
  return <Badge kind="error">can’t be read</Badge>
}

const columns: readonly Column<BackupAnswer>[] = [
  { name: 'name', title: 'Name', cell: ({ name }) => <span class="space-name">{name}</span> },
  { name: 'state', title: 'State', cell: ({ state }) => <BackupState state={state} /> },
  {
    name: 'at',
    title: 'Holds what was pushed before',
    cell: ({ endsAt }) => <When at={endsAt} unknown="none was finished" />,
  },
  {
    name: 'blobs',
    title: 'Blobs',
    isNumber: true,
    isMinor: true,
    cell: ({ blobs }) => <Count value={blobs} />,
  },
  { name: 'bytes', title: 'Size', isNumber: true, cell: ({ bytes }) => <Bytes value={bytes} /> },
]
