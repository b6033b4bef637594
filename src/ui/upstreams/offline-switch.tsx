import { useState } from 'preact/hooks'
import { useSession } from '../api/session.ts'
import { useAction } from '../api/use-action.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Badge } from '../parts/badge.tsx'
import { Card } from '../parts/card.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Fault } from '../parts/fault.tsx'

type Offline = { readonly offline: boolean; readonly configured: boolean }

/** Whether any upstream is asked at all. */
export function OfflineSwitch() {
  const { data } = useAnswer<Offline>('offline', { everyMs: 10_000 })
  const { data: session } = useSession()
  const [isAsking, setAsking] = useState(false)
  return (
    <Card title="Ask upstreams" class="offline-card">
      {data && (
        <p>
          {data.offline ? <Badge kind="off">offline</Badge> : <Badge kind="ok">online</Badge>}{' '}
          {data.offline
            ? 'No upstream is asked. What is kept is served, and nothing else.'
            : 'Upstreams are asked for what isn’t kept, and for newer images.'}
        </p>
      )}
      {data?.configured && (
        <p>
          mirrors.yaml says <code>offline: true</code>: it can only be changed there.
        </p>
      )}
      {data && !data.configured && session?.admin && (
        <button type="button" onClick={() => setAsking(true)}>
          {data.offline ? 'Go online…' : 'Go offline…'}
        </button>
      )}
      {data && !data.configured && session && !session.admin && (
        <p class="muted small">An admin can switch that.</p>
      )}
      {isAsking && data && <Asking isOffline={data.offline} onClose={() => setAsking(false)} />}
    </Card>
  )
}

type AskingProps = { readonly isOffline: boolean; readonly onClose: () => void }

/** Says what it does before it does it. */
function Asking({ isOffline, onClose }: AskingProps) {
  const { run, error, isRunning } = useAction<{ offline: boolean }, Offline>({ path: 'offline' })
  const title = isOffline ? 'Go online' : 'Go offline'
  return (
    <Dialog title={title} onClose={onClose}>
      <ul class="plain-list">
        {isOffline ? (
          <>
            <li>Upstreams are asked again from the next pull on.</li>
            <li>Tags that have grown old meanwhile are checked when they are pulled.</li>
          </>
        ) : (
          <>
            <li>
              No upstream is asked any more, by nobody: not for images, nor whether it answers.
            </li>
            <li>What is kept is served as it is; tags may be older than upstream’s.</li>
            <li>Pulls of what isn’t kept fail, and say that the mirror is offline.</li>
            <li>Transfers that are under way come to their end. Pushes go on as ever.</li>
            <li>It stays so after a restart, until somebody switches it back.</li>
          </>
        )}
      </ul>
      {error && <Fault error={error} />}
      <div class="dialog-actions">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          class="primary"
          disabled={isRunning}
          onClick={() => run({ offline: !isOffline }, onClose)}
        >
          {title}
        </button>
      </div>
    </Dialog>
  )
}
