import { useState } from 'preact/hooks'
import type { BackupsAnswer } from '../../answers/backups.ts'
import { useAction } from '../api/use-action.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Fault } from '../parts/fault.tsx'

type Props = Pick<BackupsAnswer, 'backups'> & { readonly onClose: () => void }

const usualName = 'entrepot'

export function BackupDialog({ backups, onClose }: Props) {
  const [name, setName] = useState(backups[0]?.name ?? usualName)
  const backup = useAction<{ name: string }, BackupsAnswer>({ path: 'backups' })
  const isThere = backups.some((each) => each.name === name)
  const submit = (event: Event) => {
    event.preventDefault()
    backup.run({ name }, onClose)
  }
  return (
    <Dialog title="Make a backup" onClose={onClose}>
      <form onSubmit={submit}>
        <label class="space-field">
          Name of its folder
          <input
            type="text"
            required
            pattern="[a-z0-9][a-z0-9._\-]{0,63}"
            title="a-z, 0-9, “.”, “_” and “-”, with a letter or digit first"
            autocomplete="off"
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <p class="space-note">
          {isThere
            ? 'The backup of that name is renewed: only what is new is written, and it stays as it was until the new one is whole.'
            : 'A new folder is made, and all that is kept is written there: linked where it lies on the same disk, copied and verified elsewhere.'}{' '}
          Pulls and pushes go on meanwhile.
        </p>
        {backup.error && <Fault error={backup.error} />}
        <div class="dialog-actions">
          <button type="submit" class="primary" disabled={backup.isRunning}>
            {isThere ? 'Renew the backup' : 'Make the backup'}
          </button>
        </div>
      </form>
    </Dialog>
  )
}
