import './setup.css'
import { useState } from 'preact/hooks'
import type { FeedEvent } from '../api/event-feed.ts'
import { useEvents, useFeedState } from '../api/use-events.ts'
import { Badge } from '../parts/badge.tsx'
import { originOf, pullerOf } from '../parts/pull-words.ts'
import { When } from '../parts/when.tsx'

type Pull = Extract<FeedEvent, { kind: 'pull' }>
type Failed = Extract<FeedEvent, { kind: 'fetch' }>

/** The first pull ticks it off. */
export function FirstPull({ onDone }: { readonly onDone: () => void }) {
  const { pull, failed } = useNextPull()
  return (
    <div class="live-check" role="status">
      {pull ? <Arrived pull={pull} /> : <Awaited what="the first pull" />}
      {!pull && failed && <Refused failed={failed} />}
      {pull && (
        <button type="button" class="primary" onClick={onDone}>
          Show the overview
        </button>
      )}
    </div>
  )
}

/** Each pull that comes, the last one. */
export function LiveCheck() {
  const { pull, failed } = useNextPull()
  return (
    <div class="live-check" role="status">
      {pull ? <Arrived pull={pull} /> : <Awaited what="a request from you" />}
      {failed && <Refused failed={failed} />}
    </div>
  )
}

function useNextPull() {
  const [pull, setPull] = useState<Pull>()
  const [failed, setFailed] = useState<Failed>()
  useEvents((event) => {
    if (event.kind === 'pull') {
      setPull(event)
      setFailed(undefined)
    }
    if (event.kind === 'fetch' && event.data.state === 'failed') setFailed(event)
  })
  return { pull, failed }
}

function Awaited({ what }: { readonly what: string }) {
  const feed = useFeedState()
  if (feed === 'live') return <p class="awaited">Waiting for {what}…</p>
  return <p class="awaited">The stream of events is {feed}: a pull is seen once it is live.</p>
}

function Arrived({ pull }: { readonly pull: Pull }) {
  const { image, outcome } = pull.data
  return (
    <p>
      <Badge kind="ok">It works</Badge> <strong>{image}</strong> was pulled by {pullerOf(pull.data)}
      , {originOf(outcome)}, <When at={pull.time} />.
    </p>
  )
}

function Refused({ failed }: { readonly failed: Failed }) {
  const { upstream = '', repository, error = 'no reason was given' } = failed.data
  return (
    <p>
      <Badge kind="warning">Asked for, but not had</Badge>{' '}
      <strong>
        {upstream}/{repository}
      </strong>
      : {error}
    </p>
  )
}
