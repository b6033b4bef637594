import { LogIn, LogOut } from 'lucide-preact'
import { useState } from 'preact/hooks'
import { signOut, useSession } from '../api/session.ts'
import { useAsync } from '../api/use-async.ts'
import { Fault } from '../parts/fault.tsx'
import { hrefOf } from './route.ts'
import { SignInDialog } from './sign-in-dialog.tsx'

/** Who looks at the page, and the way in and out. */
export function WhoIsIn() {
  const { data: session } = useSession()
  const [isAsking, setAsking] = useState(false)
  const leaving = useAsync(signOut)
  if (!session?.canLogIn) return null
  if (session.kind === 'anonymous') {
    return (
      <>
        <button type="button" class="quiet" onClick={() => setAsking(true)}>
          <LogIn aria-hidden="true" size={16} /> Sign in
        </button>
        {isAsking && <SignInDialog onClose={() => setAsking(false)} />}
      </>
    )
  }
  return (
    <div class="who">
      <a class="who-name" href={hrefOf('access')} title="Your password, and what admins look after">
        {session.name ?? session.kind}
        {session.admin && <span class="muted"> (admin)</span>}
      </a>
      <button
        type="button"
        class="quiet"
        onClick={() => leaving.run()}
        disabled={leaving.isRunning}
      >
        <LogOut aria-hidden="true" size={16} /> Sign out
      </button>
      {leaving.error && <Fault error={leaving.error} />}
    </div>
  )
}
