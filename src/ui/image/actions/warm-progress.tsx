import { useEffect, useRef, useState } from 'preact/hooks'
import type { WarmAnswer } from '../../../answers/actions.ts'
import { answers } from '../../api/answers.ts'
import { ask } from '../../api/ask.ts'
import { useEvents } from '../../api/use-events.ts'
import { Fault } from '../../parts/fault.tsx'
import { formatBytes } from '../../parts/format.ts'
import { Progress } from '../../parts/meter.tsx'

type Props = {
  /** As it was asked for. */
  readonly body: object
  readonly begun: WarmAnswer
}

/** What is left is asked for now and then; in between events tell how each layer comes. */
const askEveryMs = 1_500

/** How the fetch goes, until it has ended. */
export function WarmProgress({ body, begun }: Props) {
  const { left, error } = useLeft(body, begun)
  const { received, failure } = useReceived(left)
  const most = useRef(0)
  // Manifests that come name more.
  most.current = Math.max(most.current, left.bytes)
  if (error !== undefined) return <Fault error={error} />
  if (left.underWay) {
    const done = Math.min(most.current - left.bytes + received, most.current)
    const share = left.unknown > 0 || most.current === 0 ? undefined : done / most.current
    return (
      <>
        <Progress label="What has come" share={share} />
        <p>
          {share === undefined
            ? 'Asking upstream what it consists of…'
            : `${formatBytes(done)} of ${formatBytes(most.current)} are here.`}
        </p>
      </>
    )
  }
  if (left.count === 0 && left.unknown === 0) return <p>All of it is here now.</p>
  return (
    <Fault
      error={
        new Error(
          `It ended with ${formatBytes(left.bytes)} missing${failure === undefined ? '' : `: ${failure}`}. Try again later: what has come stays.`,
        )
      }
    />
  )
}

function useLeft(body: object, begun: WarmAnswer) {
  const [left, setLeft] = useState(begun)
  const [error, setError] = useState<unknown>()
  const asked = useRef({ ...body, dryRun: true })
  const isOver = !left.underWay || error !== undefined
  useEffect(() => {
    if (isOver) {
      answers.invalidate()
      return undefined
    }
    const leaving = new AbortController()
    const timer = setTimeout(() => {
      const { signal } = leaving
      ask<WarmAnswer>('warm', { method: 'POST', body: asked.current, signal }).then(
        setLeft,
        (found: unknown) => signal.aborted || setError(found),
      )
    }, askEveryMs)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [left, isOver])
  return { left, error }
}

/** Of those that are still missing; and why the last one failed. */
function useReceived({ blobs }: WarmAnswer) {
  const [fetched, setFetched] = useState<ReadonlyMap<string, number>>(new Map())
  const [failure, setFailure] = useState<string>()
  const wanted = useRef(new Set<string>())
  for (const { digest } of blobs) wanted.current.add(digest)
  useEvents((event) => {
    if (event.kind !== 'fetch' || !wanted.current.has(event.data.digest)) return
    const { digest, received, state, error } = event.data
    setFetched((known) => new Map(known).set(digest, received))
    if (state === 'failed') setFailure(error)
  })
  const received = blobs.reduce((sum, { digest }) => sum + (fetched.get(digest) ?? 0), 0)
  return { received, failure }
}
