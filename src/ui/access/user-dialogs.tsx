import { useState } from 'preact/hooks'
import type { UserAnswer, UserChangeAnswer } from '../../answers/access.ts'
import { useAction } from '../api/use-action.ts'
import { TextField } from '../parts/text-field.tsx'
import { FormDialog } from './form-dialog.tsx'
import { passwordHint } from './password-hint.ts'

type Login = { readonly user: string; readonly password: string }
type Props = { readonly user: UserAnswer; readonly onClose: () => void }

export function AddUser({ onClose }: { readonly onClose: () => void }) {
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const adding = useAction<Login, UserChangeAnswer>({ path: 'users/add' })
  return (
    <FormDialog
      title="Add a user"
      act="Add the user"
      isRunning={adding.isRunning}
      error={adding.error}
      onSubmit={() => adding.run({ user, password }, onClose)}
      onClose={onClose}
    >
      <TextField
        label="Name"
        hint="Letters, digits and . _ @ -, as rules in mirrors.yaml name it."
        value={user}
        onChange={setUser}
        isRequired
        hasFocus
      />
      <TextField
        label="Password"
        type="password"
        autocomplete="new-password"
        hint={`${passwordHint} Tell it to the user, who can change it here.`}
        value={password}
        onChange={setPassword}
        isRequired
      />
    </FormDialog>
  )
}

export function ChangePassword({ user: { name }, onClose }: Props) {
  const [password, setPassword] = useState('')
  const changing = useAction<Login, unknown>({ path: 'users/password' })
  return (
    <FormDialog
      title={`New password for ${name}`}
      act="Change the password"
      isRunning={changing.isRunning}
      error={changing.error}
      onSubmit={() => changing.run({ user: name, password }, onClose)}
      onClose={onClose}
    >
      <p>
        {name} is signed out of all browsers. Tokens that act for {name} stay valid.
      </p>
      <TextField
        label="New password"
        type="password"
        autocomplete="new-password"
        hint={passwordHint}
        value={password}
        onChange={setPassword}
        isRequired
        hasFocus
      />
    </FormDialog>
  )
}

export function RemoveUser({ user: { name, tokens }, onClose }: Props) {
  const removing = useAction<Pick<Login, 'user'>, UserChangeAnswer>({ path: 'users/remove' })
  return (
    <FormDialog
      title={`Remove ${name}?`}
      act={`Remove ${name}`}
      isDangerous
      isRunning={removing.isRunning}
      error={removing.error}
      onSubmit={() => removing.run({ user: name }, onClose)}
      onClose={onClose}
    >
      <p>
        {name} can’t sign in any more, here or with docker, from this moment on.{' '}
        {tokens > 0 &&
          `The ${tokens} tokens that act for ${name} go too: what uses them is refused. `}
        Images that {name} pushed stay. This can’t be undone; the name can be added anew.
      </p>
    </FormDialog>
  )
}
