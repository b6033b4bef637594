import { useState } from 'preact/hooks'
import { useAction } from '../api/use-action.ts'
import { TextField } from '../parts/text-field.tsx'
import { FormDialog } from './form-dialog.tsx'
import { passwordHint } from './password-hint.ts'

type Props = { readonly user: string; readonly onClose: () => void }
type Body = { readonly user: string; readonly oldPassword: string; readonly password: string }

/** One's own password, by who knows the old one. */
export function OwnPassword({ user, onClose }: Props) {
  const [oldPassword, setOld] = useState('')
  const [password, setNew] = useState('')
  const changing = useAction<Body, unknown>({ path: 'users/password' })
  return (
    <FormDialog
      title="Change your password"
      act="Change the password"
      isRunning={changing.isRunning}
      error={changing.error}
      onSubmit={() => changing.run({ user, oldPassword, password }, onClose)}
      onClose={onClose}
    >
      <p>You stay signed in here; in other browsers you are signed out. Tokens stay valid.</p>
      <TextField
        label="Old password"
        type="password"
        autocomplete="current-password"
        value={oldPassword}
        onChange={setOld}
        isRequired
        hasFocus
      />
      <TextField
        label="New password"
        type="password"
        autocomplete="new-password"
        hint={passwordHint}
        value={password}
        onChange={setNew}
        isRequired
      />
    </FormDialog>
  )
}
