import { useEffect, useState } from 'preact/hooks'
import type { RepositoriesAnswer } from '../../answers/repositories.ts'
import { withQuery } from '../api/ask.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useEvents, useFeedState } from '../api/use-events.ts'
import { Badge, type BadgeKind } from '../parts/badge.tsx'
import { Bytes } from '../parts/bytes.tsx'
import { Card } from '../parts/card.tsx'
import { formatBytes } from '../parts/format.ts'
import { Progress } from '../parts/meter.tsx'
import { When } from '../parts/when.tsx'
import {
  barsOf,
  bytesBy,
  forgetBars,
  type Happening,
  hear,
  type Live,
  type LiveBar,
  quiet,
} from './live.ts'

const mostBars = 4
const mostShown = 9
const glideMs = 150

/** What is on its way, and what came last, as it happens. */
export function LiveCard() {
  const live = useLive()
  const feed = useFeedState()
  const bars = barsOf(live)
  const more = bars.length - mostBars
  const happened = useLatest(live.happened)
  return (
    <Card
      title="Happening now"
      class="wide live"
      aside={<span class="muted">{wordFor(feed)}</span>}
    >
      <div class="live-halves">
        <div class="live-bars">
          {bars.length === 0 && <p class="muted">Nothing is on its way at the moment.</p>}
          {bars.length > 0 && <Bars bars={bars.slice(0, mostBars)} />}
          {more > 0 && <p class="muted">and {more} more</p>}
        </div>
        <ul class="happened">
          {happened.length === 0 && (
            <li class="muted">Pulls, pushes and evictions appear here as they come.</li>
          )}
          {happened.map((each) => (
            <Happened key={each.key} happening={each} />
          ))}
        </ul>
      </div>
    </Card>
  )
}

function useLive(): Live {
  const [live, setLive] = useState(quiet)
  const feed = useFeedState()
  useEvents((event) => setLive((known) => hear(known, event, performance.now())))
  useEffect(() => {
    if (feed !== 'live') setLive(forgetBars)
  }, [feed])
  return live
}

/** What happened while the page is open, and before that, when what is kept was pulled last. */
function useLatest(happened: readonly Happening[]): readonly Happening[] {
  const path = withQuery('repositories', { sort: '-pulled', limit: mostShown })
  const { data } = useAnswer<RepositoriesAnswer>(path)
  const seen = new Set(happened.map(({ what }) => nameOf(what)))
  const earlier = (data?.repositories ?? []).flatMap(({ name, lastPull }): Happening[] =>
    lastPull === undefined || seen.has(name)
      ? []
      : [{ key: name, kind: 'pull', what: name, detail: '', at: lastPull }],
  )
  const sorted = earlier.toSorted((one, other) => other.at.localeCompare(one.at))
  return [...happened, ...sorted].slice(0, mostShown)
}

/** Without its tag. */
function nameOf(image: string): string {
  return image.replace(/:[^/]*$/, '')
}

function wordFor(feed: ReturnType<typeof useFeedState>): string {
  return feed === 'live' ? 'live' : feed === 'connecting' ? 'connecting…' : 'paused'
}

function Bars({ bars }: { readonly bars: readonly LiveBar[] }) {
  const now = useGlide()
  return (
    <ul class="bars">
      {bars.map((bar) => (
        <li key={bar.key}>
          <BarRow bar={bar} now={now} />
        </li>
      ))}
    </ul>
  )
}

function BarRow({ bar, now }: { readonly bar: LiveBar; readonly now: number }) {
  const { image, from, to, bytes, size, perSecond } = bar
  // The bar glides on between what is told; the number is what was told.
  const drawn = bytesBy(bar, now)
  return (
    <>
      <p class="bar-words">
        <span class="bar-image" title={image}>
          {image}
        </span>
        <span class="muted number">
          <Bytes value={bytes} /> {size !== undefined && `of ${formatBytes(size)}`}
        </span>
      </p>
      <Progress label={`${image}, ${from}`} share={size ? drawn / size : undefined} />
      <p class="bar-words muted">
        <span class="bar-image">
          {from} → {to}
        </span>
        <span class="number">{perSecond > 0 && `${formatBytes(perSecond)}/s`}</span>
      </p>
    </>
  )
}

/** The page's clock, often: bars move between what is told of them. */
function useGlide(): number {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), glideMs)
    return () => clearInterval(timer)
  }, [])
  return now
}

const words: Readonly<Record<Happening['kind'], readonly [kind: BadgeKind, word: string]>> = {
  pull: ['ok', 'Pulled'],
  push: ['ok', 'Pushed'],
  delete: ['plain', 'Deleted'],
  evict: ['plain', 'Evicted'],
  failed: ['error', 'Failed'],
}

function Happened({ happening }: { readonly happening: Happening }) {
  const { kind, what, detail, at } = happening
  const [badge, word] = words[kind]
  return (
    <li class="happening">
      <Badge kind={badge}>{word}</Badge>
      <span class="happening-what" title={what}>
        {what}
      </span>
      <span class="happening-detail muted" title={detail}>
        {detail}
      </span>
      <span class="muted">
        <When at={at} />
      </span>
    </li>
  )
}
