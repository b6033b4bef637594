import type { ComponentChildren } from 'preact'
import type { ApiError } from '../api/ask.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Fault } from '../parts/fault.tsx'

type Props = {
  readonly title: string
  /** What the button says: what is done. */
  readonly act: string
  readonly isDangerous?: boolean
  readonly isRunning: boolean
  readonly error: ApiError | undefined
  readonly onSubmit: () => void
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/** Something to fill in or to agree to, and then done. */
export function FormDialog(props: Props) {
  const { title, act, isDangerous = false, isRunning, error, onSubmit, onClose, children } = props
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    onSubmit()
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        {children}
        {error && <Fault error={error} />}
        <div class="dialog-actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={isDangerous ? 'danger' : 'primary'} disabled={isRunning}>
            {isRunning ? 'Just a moment…' : act}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
