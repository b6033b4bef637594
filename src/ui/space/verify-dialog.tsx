import { useState } from 'preact/hooks'
import type { VerifyAnswer } from '../../answers/verify.ts'
import { useAction } from '../api/use-action.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Fault } from '../parts/fault.tsx'
import { formatBytes, formatDuration } from '../parts/format.ts'

type Props = { readonly keptBytes: number | undefined; readonly onClose: () => void }

/** As fast as the server reads at most. */
const bytesPerSecond = 100_000_000

export function VerifyDialog({ keptBytes = 0, onClose }: Props) {
  const [repair, setRepair] = useState(false)
  const verify = useAction<{ repair: boolean }, VerifyAnswer>({ path: 'verify' })
  const atLeast = formatDuration((keptBytes / bytesPerSecond) * 1000)
  return (
    <Dialog title="Verify all that is kept" onClose={onClose}>
      <p>
        All {formatBytes(keptBytes)} are read and held against their digests, beside pulls, at most
        100 MB a second: that takes at least {atLeast}. Nothing is changed unless you say so.{' '}
        <code>entrepot verify</code> on the server reads as fast as its disk.
      </p>
      <label class="space-form">
        <input
          type="checkbox"
          checked={repair}
          onChange={(event) => setRepair(event.currentTarget.checked)}
        />
        Put right what is wrong
      </label>
      <p class="muted">
        What is damaged is moved to <code>quarantine/</code>, and what was mirrored is fetched
        again. What was pushed exists nowhere else: it has to be pushed again.
      </p>
      {verify.error && <Fault error={verify.error} />}
      <div class="dialog-actions">
        <button
          type="button"
          class="primary"
          disabled={verify.isRunning}
          onClick={() => verify.run({ repair }, onClose)}
        >
          {repair ? 'Verify and put right' : 'Verify'}
        </button>
      </div>
    </Dialog>
  )
}
