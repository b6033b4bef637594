import { useState } from 'preact/hooks'
import type { EvictAnswer, SpaceAnswer } from '../../answers/space.ts'
import { useAction } from '../api/use-action.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Fault } from '../parts/fault.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { EvictPreview, EvictResult } from './evict-preview.tsx'
import { EvictProgress } from './evict-progress.tsx'

type Props = { readonly space: SpaceAnswer; readonly onClose: () => void }
type Wanted = { readonly to: number; readonly dryRun: boolean }

/** Says exactly what would go, then lets it go, and watches. */
export function EvictDialog({ space, onClose }: Props) {
  const [percent, setPercent] = useState(String(Math.round(space.disk.low * 100)))
  const preview = useAction<Wanted, EvictAnswer>({ path: 'evict' })
  const run = useAction<Wanted, EvictAnswer>({ path: 'evict' })
  const to = Number(percent) / 100
  const isShare = percent.trim() !== '' && to >= 0 && to <= 1
  const look = (event: Event) => {
    event.preventDefault()
    if (isShare) preview.run({ to, dryRun: true })
  }
  const change = (text: string) => {
    setPercent(text)
    preview.reset()
  }
  return (
    <Dialog title="Make room" onClose={onClose}>
      {run.data ? (
        <EvictResult done={run.data} onClose={onClose} />
      ) : run.isRunning ? (
        <EvictProgress wantedBytes={preview.data?.wantedBytes ?? 0} />
      ) : (
        <>
          <p>
            Images go, the least recently pulled first, until the disk is no fuller than you say.
            First you see which.
          </p>
          <form class="space-form" onSubmit={look}>
            <label class="space-field">
              Down to, in percent of the disk
              <input
                type="number"
                min={0}
                max={100}
                required
                value={percent}
                onInput={(event) => change(event.currentTarget.value)}
              />
            </label>
            <button type="submit" disabled={!isShare || preview.isRunning}>
              Show what would go
            </button>
          </form>
          {preview.error && <Fault error={preview.error} />}
          {run.error && <Fault error={run.error} />}
          {preview.isRunning && (
            <Waiting what="what would go; of a large cache that takes some seconds" />
          )}
          {preview.data && (
            <EvictPreview plan={preview.data} onRun={() => run.run({ to, dryRun: false })} />
          )}
        </>
      )}
    </Dialog>
  )
}
