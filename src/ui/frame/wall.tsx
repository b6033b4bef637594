import { ApiError } from '../api/ask.ts'
import { useSession } from '../api/session.ts'
import { Fault } from '../parts/fault.tsx'
import { SignInForm } from './sign-in-form.tsx'

type Props = {
  readonly error: unknown
  readonly retry?: () => void
  /** What isn't shown: `the traffic`. */
  readonly what: string
}

/** In place of what the asker may not see: whoever can log in does so here. */
export function Wall({ error, retry, what }: Props) {
  const { data: session } = useSession()
  const isStranger = error instanceof ApiError && error.status === 401
  if (!isStranger || !session?.canLogIn || session.kind !== 'anonymous')
    return <Fault error={error} {...(retry && { retry })} />
  return (
    <div class="wall card">
      <p>Sign in to see {what}.</p>
      <SignInForm />
    </div>
  )
}
