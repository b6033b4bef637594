import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from '../api/ask.ts'
import { signIn } from '../api/session.ts'
import { useAsync } from '../api/use-async.ts'
import { useLockOut } from './use-lock-out.ts'

/** The page that was asked for is shown after it: it stays in the address. */
export function SignInForm({ onDone }: { readonly onDone?: () => void }) {
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const place = useRef<HTMLInputElement>(null)
  const entering = useAsync(async () => {
    await signIn(user, password)
    onDone?.()
  })
  const waitSeconds = useLockOut(entering.error)
  // So that the next try begins where the last one went wrong.
  // At once: whoever types on already must not be led away from where he types.
  useLayoutEffect(() => {
    if (entering.error !== undefined) place.current?.select()
  }, [entering.error])
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (waitSeconds === 0) entering.run()
  }
  return (
    <form class="sign-in" onSubmit={submit}>
      <label>
        User
        <input
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          autofocus
          required
          value={user}
          onInput={(event) => setUser(event.currentTarget.value)}
        />
      </label>
      <label>
        Password
        <input
          ref={place}
          type="password"
          autocomplete="current-password"
          required
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </label>
      {entering.error !== undefined && (
        <p class="fault" role="alert">
          <span aria-hidden="true">⬣ </span>
          {explain(entering.error)}
        </p>
      )}
      <button type="submit" class="primary" disabled={entering.isRunning || waitSeconds > 0}>
        {describe(entering.isRunning, waitSeconds)}
      </button>
    </form>
  )
}

function describe(isRunning: boolean, waitSeconds: number): string {
  if (isRunning) return 'Signing in…'
  return waitSeconds > 0 ? `Sign in (in ${waitSeconds} s)` : 'Sign in'
}

/** Which of the two is wrong nobody is told. */
function explain(error: unknown): string {
  if (!(error instanceof ApiError)) return String(error)
  if (error.status === 401) {
    return 'The user name or the password is wrong. An admin can give you a new password.'
  }
  if (error.retryAfterSeconds !== undefined) {
    const { retryAfterSeconds: seconds } = error
    return `Too many sign-ins have failed: it can be tried again after ${seconds} s.`
  }
  return error.message
}
