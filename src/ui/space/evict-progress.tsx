import { useState } from 'preact/hooks'
import type { EvictionsAnswer } from '../../answers/space.ts'
import { useAnswer } from '../api/use-answer.ts'
import { formatBytes, formatCount } from '../parts/format.ts'
import { Progress } from '../parts/meter.tsx'

/** How far the eviction under way has come: each image is in the history as soon as it is gone. */
export function EvictProgress({ wantedBytes }: { readonly wantedBytes: number }) {
  const [startedAt] = useState(Date.now)
  const { data } = useAnswer<EvictionsAnswer>('evictions?limit=500', { everyMs: 1_000 })
  const gone = data?.evictions.filter(({ at }) => Date.parse(at) >= startedAt - clockSkewMs) ?? []
  const freed = gone.reduce((sum, { freedBytes }) => sum + freedBytes, 0)
  const more = gone.length === 500 ? 'more than ' : ''
  return (
    <>
      <p role="status">
        Making room: {more}
        {formatCount(gone.length)} images have gone, {formatBytes(freed)} of{' '}
        {formatBytes(wantedBytes)}.
      </p>
      <Progress label="Making room" share={wantedBytes > 0 ? freed / wantedBytes : undefined} />
      <p class="muted">It goes on if you close this; pulls are served meanwhile.</p>
    </>
  )
}

/** Of this machine and the server. */
const clockSkewMs = 2_000
