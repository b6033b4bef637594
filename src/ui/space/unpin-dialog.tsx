import { useAction } from '../api/use-action.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Fault } from '../parts/fault.tsx'

type Props = { readonly pattern: string; readonly onClose: () => void }

export function UnpinDialog({ pattern, onClose }: Props) {
  const unpin = useAction<{ image: string }, { image: string }>({ path: 'unpin' })
  return (
    <Dialog title="Unpin" onClose={onClose}>
      <p>
        What <code class="space-name">{pattern}</code> stands for may then be evicted like
        everything else, the least recently pulled first. Nothing goes right now, unless the disk is
        too full.
      </p>
      {unpin.error && <Fault error={unpin.error} />}
      <div class="dialog-actions">
        <button
          type="button"
          class="primary"
          disabled={unpin.isRunning}
          onClick={() => unpin.run({ image: pattern }, onClose)}
        >
          Unpin
        </button>
      </div>
    </Dialog>
  )
}
