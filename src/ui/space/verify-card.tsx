import { useState } from 'preact/hooks'
import type { RunningVerifyAnswer, VerifyAnswer, VerifyRunAnswer } from '../../answers/verify.ts'
import { useAction } from '../api/use-action.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Badge } from '../parts/badge.tsx'
import { Bytes, Count } from '../parts/bytes.tsx'
import { Card } from '../parts/card.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { Fault } from '../parts/fault.tsx'
import { formatBytes, formatCount, formatDuration } from '../parts/format.ts'
import { Progress } from '../parts/meter.tsx'
import type { Column } from '../parts/table-props.ts'
import { Waiting } from '../parts/waiting.tsx'
import { When } from '../parts/when.tsx'
import { FindingsCard } from './findings-card.tsx'
import { VerifyDialog } from './verify-dialog.tsx'

const watchMs = 1_000
const restMs = 15_000

/** Whether what is kept is what it says. */
export function VerifyCard({ keptBytes }: { readonly keptBytes: number | undefined }) {
  const [isBusy, setBusy] = useState(false)
  const { data, error, isWaiting, retry } = useAnswer<VerifyAnswer>('verify', {
    everyMs: isBusy ? watchMs : restMs,
  })
  if (data && (data.running !== undefined) !== isBusy) setBusy(data.running !== undefined)
  return (
    <>
      <Card
        title="Verification"
        class="wide"
        aside={data && !data.running && <VerifyButton keptBytes={keptBytes} />}
      >
        <p class="space-note">
          All that is kept is read again and again in the background, each blob once in 28 days, and
          what is wrong is put right. Here you have all of it read now.
        </p>
        {error && <Fault error={error} retry={retry} />}
        {isWaiting && <Waiting what="what was verified" />}
        {data?.running && <Running run={data.running} />}
        {data && <Runs runs={data.runs} />}
      </Card>
      {data && <FindingsCard findings={data.findings} />}
    </>
  )
}

function VerifyButton({ keptBytes }: { readonly keptBytes: number | undefined }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Verify…
      </button>
      {isOpen && <VerifyDialog keptBytes={keptBytes} onClose={() => setOpen(false)} />}
    </>
  )
}

function Running({ run }: { readonly run: RunningVerifyAnswer }) {
  const stop = useAction<Record<never, never>, VerifyAnswer>({ path: 'verify', method: 'DELETE' })
  const { bytes, totalBytes, files, found, healed } = run
  const wrong = found === 0 ? 'nothing wrong so far' : `${formatCount(found)} wrong`
  return (
    <>
      <p role="status">
        Reading all that is kept{run.repair && ', and putting right what can be'}:{' '}
        {formatCount(files)} files, {formatBytes(bytes)} of {formatBytes(totalBytes)}; {wrong}
        {healed > 0 && `, ${formatCount(healed)} put right`}.
      </p>
      <Progress label="Verification" share={totalBytes > 0 ? bytes / totalBytes : undefined} />
      <button type="button" disabled={stop.isRunning} onClick={() => stop.run({})}>
        Stop
      </button>
      {stop.error && <Fault error={stop.error} />}
    </>
  )
}

function Runs({ runs }: { readonly runs: readonly VerifyRunAnswer[] }) {
  if (runs.length === 0) return <Empty title="Nobody has had all of it verified yet." />
  const [last] = runs
  const isLeft = last !== undefined && !last.repair && last.found > 0
  return (
    <>
      {isLeft && (
        <p>Have it verified once more, with “Put right what is wrong”, to heal what can be.</p>
      )}
      <RunsTable runs={runs} />
    </>
  )
}

function RunsTable({ runs }: { readonly runs: readonly VerifyRunAnswer[] }) {
  return (
    <DataTable
      caption="Verifications, the last one first"
      columns={columns}
      keyOf={({ startedAt }) => startedAt}
      {...rowsOf(runs)}
    />
  )
}

function RunState({ run: { state, error, found, healed } }: { readonly run: VerifyRunAnswer }) {
  if (state === 'failed') return <Badge kind="error">failed: {error}</Badge>
  if (found > healed) return <Badge kind="error">{formatCount(found - healed)} left wrong</Badge>
  if (state === 'stopped') return <Badge kind="off">stopped</Badge>
  return <Badge kind="ok">{found > 0 ? 'all put right' : 'nothing wrong'}</Badge>
}

const columns: readonly Column<VerifyRunAnswer>[] = [
  { name: 'at', title: 'Begun', cell: ({ startedAt }) => <When at={startedAt} /> },
  { name: 'state', title: 'Outcome', cell: (run) => <RunState run={run} /> },
  {
    name: 'took',
    title: 'Took',
    isNumber: true,
    isMinor: true,
    cell: ({ startedAt, endedAt }) => formatDuration(Date.parse(endedAt) - Date.parse(startedAt)),
  },
  {
    name: 'files',
    title: 'Files',
    isNumber: true,
    isMinor: true,
    cell: ({ files }) => <Count value={files} />,
  },
  { name: 'bytes', title: 'Read', isNumber: true, cell: ({ bytes }) => <Bytes value={bytes} /> },
  { name: 'found', title: 'Wrong', isNumber: true, cell: ({ found }) => <Count value={found} /> },
  {
    name: 'healed',
    title: 'Put right',
    isNumber: true,
    isMinor: true,
    cell: ({ healed }) => <Count value={healed} />,
  },
]
