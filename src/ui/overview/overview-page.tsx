import './overview.css'
import { useState } from 'preact/hooks'
import type { AttentionAnswer } from '../../answers/attention.ts'
import type { SpaceAnswer } from '../../answers/space.ts'
import type { UpstreamsAnswer } from '../../answers/upstreams.ts'
import type { Report } from '../../traffic/any-reports.ts'
import { withQuery } from '../api/ask.ts'
import { useAnswer } from '../api/use-answer.ts'
import { useEvents } from '../api/use-events.ts'
import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'
import { changeQuery } from '../frame/route.ts'
import { Wall } from '../frame/wall.tsx'
import { Choice } from '../parts/choice.tsx'
import { Fault } from '../parts/fault.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { AttentionStrip } from './attention-strip.tsx'
import { DiskCard } from './disk-card.tsx'
import { FirstRun } from './first-run.tsx'
import { LiveCard } from './live-card.tsx'
import { findRange, type Range, type RangeName, ranges } from './ranges.ts'
import { ServedChart } from './served-chart.tsx'
import { toSlots } from './slots.ts'
import { Tiles } from './tiles.tsx'
import { TopImages } from './top-images.tsx'
import { UpstreamsCard } from './upstreams-card.tsx'

const often = { everyMs: 10_000 }
const seldom = { everyMs: 30_000 }
const choices = ranges.map(({ name, title }) => [name, title] as const)

/** What it did, how it does, and whether somebody is needed. */
export function OverviewPage({ route }: PageProps) {
  const range = findRange(route.query.get('range'))
  const choose = (name: RangeName) => changeQuery({ range: name }, { replace: true })
  return (
    <>
      <PageHead title="Overview">
        <Choice label="Range" values={choices} chosen={range.name} onChoose={choose} />
      </PageHead>
      <Overview range={range} />
    </>
  )
}

function Overview({ range }: { readonly range: Range }) {
  const { name, by } = range
  const attention = useAttention()
  const report = useAnswer<Report>(withQuery('report', { since: name, by, top: 0 }), often)
  const space = useAnswer<SpaceAnswer>('space', often)
  const [isFirstRun, setFirstRun] = useState<boolean>()
  const error = report.error ?? attention.error
  if (error && !report.data) return <Wall error={error} retry={report.retry} what="the overview" />
  // All at once, or what comes late would push the rest down.
  if (!report.data || attention.isWaiting || space.isWaiting) return <Waiting what="the figures" />
  const isEmpty = report.data.totals.requests === 0 && isNothingKept(space.data)
  if (isFirstRun ?? isEmpty) {
    if (isFirstRun === undefined) setFirstRun(true)
    return (
      <>
        <AttentionStrip attention={attention.data?.attention ?? []} />
        <FirstRun onDone={() => setFirstRun(false)} />
      </>
    )
  }
  return (
    <div data-old={report.isOld} class="overview">
      <AttentionStrip attention={attention.data?.attention ?? []} />
      {error && <Fault error={error} retry={report.retry} />}
      <Figures range={range} report={report.data} space={space.data} />
    </div>
  )
}

type FigureProps = {
  readonly range: Range
  readonly report: Report
  readonly space: SpaceAnswer | undefined
}

function Figures({ range, report, space }: FigureProps) {
  const { name, before } = range
  const earlier = useAnswer<Report>(
    withQuery('report', { since: before, until: name, by: 'outcome', top: 1 }),
    seldom,
  )
  const images = useAnswer<Report>(
    withQuery('report', { since: name, by: 'image', top: 10 }),
    seldom,
  )
  const upstreams = useAnswer<UpstreamsAnswer>('upstreams', often)
  const slots = toSlots(report, range.slotMs)
  return (
    <>
      <Tiles range={range} report={report} slots={slots} before={earlier.data} space={space} />
      <div class="overview-cards">
        <ServedChart range={range} report={report} slots={slots} />
        <LiveCard />
        <TopImages range={range} report={images.data} />
        <div class="overview-side">
          <DiskCard space={space} />
          <UpstreamsCard upstreams={upstreams.data?.upstreams} />
        </div>
      </div>
    </>
  )
}

/** Asked for anew as soon as something happens that may end or begin it. */
function useAttention() {
  const attention = useAnswer<AttentionAnswer>('attention', seldom)
  useEvents(({ kind }) => {
    if (changing.has(kind)) attention.retry()
  })
  return attention
}

const changing: ReadonlySet<string> = new Set([
  'disk-high',
  'disk-ok',
  'upstream-down',
  'upstream-up',
  'verification-failed',
  'configuration-refused',
  'configuration-taken-up',
  'offline',
])

function isNothingKept(space: SpaceAnswer | undefined): boolean {
  return space?.kept.every(({ bytes }) => bytes === 0) ?? false
}
