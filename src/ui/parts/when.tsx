import { useEffect, useState } from 'preact/hooks'
import { Unknown } from './bytes.tsx'
import { formatAgo, formatExactTime } from './format.ts'

type Props = {
  /** ISO 8601; undefined where it isn't known or hasn't been. */
  readonly at: string | undefined
  readonly unknown?: string
}

const refreshMs = 30_000
/** Images that are built reproducibly say that they were made then. */
const recordedFrom = Date.UTC(1981, 0, 1)

/** How long ago something was, exact on hover. */
export function When(props: Props) {
  return <Ago {...props} now={useNow()} />
}

/** The same for lists, which know what time it is for all of their rows. */
export function Ago({ at, unknown = 'never', now }: Props & { readonly now: number }) {
  if (at === undefined) return <Unknown why={unknown} />
  const time = Date.parse(at)
  if (Number.isNaN(time) || time < recordedFrom) return <Unknown why="not recorded" />
  return (
    <time dateTime={at} title={formatExactTime(time)}>
      {formatAgo(time, now)}
    </time>
  )
}

/** Moves on by itself, so that what is shown doesn't grow old. */
export function useNow(everyMs = refreshMs): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
