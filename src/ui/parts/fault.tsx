import { answers } from '../api/answers.ts'
import { ApiError } from '../api/ask.ts'
import { When } from './when.tsx'

type Props = {
  readonly error: unknown
  readonly retry?: () => void
}

/** What happened, and what to try. */
export function Fault({ error, retry }: Props) {
  return (
    <div class="fault">
      <div role="alert">
        <p>
          <span aria-hidden="true">⬣ </span>
          <strong>{messageOf(error)}</strong>
        </p>
        {adviceFor(error)}
      </div>
      {isOfServer(error) && <LastAnswer />}
      {retry && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  )
}

function isOfServer(error: unknown): boolean {
  return (
    error instanceof ApiError && (error.status === 0 || error.status === 408 || error.status >= 500)
  )
}

/** How old what is shown beside it is; no part of the alert, which would be told anew as that grows. */
function LastAnswer() {
  if (answers.lastAt === undefined) return null
  return (
    <p>
      Its last good answer came <When at={new Date(answers.lastAt).toISOString()} />.
    </p>
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function adviceFor(error: unknown): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  if (error.retryAfterSeconds !== undefined) return `Try again in ${error.retryAfterSeconds} s.`
  if (error.status === 401) return 'Sign in, and it is shown again.'
  if (error.status === 403) return 'Somebody with more rights can: ask an admin, or sign in as one.'
  if (error.status >= 500) return 'The server’s log says more.'
  return undefined
}
