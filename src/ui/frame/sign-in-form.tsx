import { useState } from 'preact/hooks'
import { signIn } from '../api/session.ts'
import { useAsync } from '../api/use-async.ts'
import { Fault } from '../parts/fault.tsx'

/** The page that was asked for is shown after it. */
export function SignInForm({ onDone }: { readonly onDone?: () => void }) {
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const entering = useAsync(async () => {
    await signIn(user, password)
    onDone?.()
  })
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    entering.run()
  }
  return (
    <form class="sign-in" onSubmit={submit}>
      <label>
        User
        <input
          autocomplete="username"
          required
          value={user}
          onInput={(event) => setUser(event.currentTarget.value)}
        />
      </label>
      <label>
        Password
        <input
          type="password"
          autocomplete="current-password"
          required
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </label>
      {entering.error !== undefined && <Fault error={entering.error} />}
      <button type="submit" class="primary" disabled={entering.isRunning}>
        {entering.isRunning ? 'Signing in…' : 'Sign in'}
      </button>
    </form>
  )
}
