import type { SpaceAnswer, SpaceHistoryAnswer } from '../../answers/space.ts'
import { withQuery } from '../api/ask.ts'
import { useAnswer } from '../api/use-answer.ts'
import { changeQuery } from '../frame/route.ts'
import { Card } from '../parts/card.tsx'
import { Choice } from '../parts/choice.tsx'
import { Empty } from '../parts/empty.tsx'
import { Fault } from '../parts/fault.tsx'
import { formatBytes, formatCount, formatShare } from '../parts/format.ts'
import { TimeChart } from '../parts/time-chart.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { historyData } from './history-data.ts'

const ranges = [
  ['1', '1 day'],
  ['7', '7 days'],
  ['30', '30 days'],
  ['366', '1 year'],
] as const

type Range = (typeof ranges)[number][0]

type Props = { readonly space: SpaceAnswer | undefined; readonly days: string | null }

/** How full the disk was. */
export function HistoryCard({ space, days }: Props) {
  const chosen: Range = ranges.find(([range]) => range === days)?.[0] ?? '30'
  const path = withQuery('space/history', { days: chosen })
  const { data, error, isWaiting, retry } = useAnswer<SpaceHistoryAnswer>(path, { everyMs: 60_000 })
  const choice = (
    <Choice
      label="How far back"
      values={ranges}
      chosen={chosen}
      onChoose={(range) => changeQuery({ days: range === '30' ? undefined : range })}
    />
  )
  return (
    <Card title="The disk over time" class="wide space-chart" aside={choice}>
      {error && <Fault error={error} retry={retry} />}
      {isWaiting && <Waiting what="how full the disk was" />}
      {data && <History history={data} space={space} />}
    </Card>
  )
}

type Shown = { readonly history: SpaceHistoryAnswer; readonly space: SpaceAnswer | undefined }

function History({ history, space }: Shown) {
  const last = history.samples.at(-1)
  if (!last) {
    return (
      <Empty title="Nothing was noted yet.">
        <p>How full the disk is is noted every ten minutes, and kept for a year.</p>
      </Empty>
    )
  }
  const limits = space
    ? [
        {
          name: `images go: ${formatShare(space.disk.high)}`,
          value: last.totalBytes * space.disk.high,
        },
        { name: `down to ${formatShare(space.disk.low)}`, value: last.totalBytes * space.disk.low },
      ]
    : []
  const summary = `${formatBytes(last.usedBytes)} of ${formatBytes(last.totalBytes)} at the end. ${sayEvicted(history)}`
  return (
    <>
      <TimeChart
        title="The disk over time"
        summary={summary}
        kind="area"
        format={formatBytes}
        limits={limits}
        most={last.totalBytes}
        {...historyData(history)}
      />
      <p class="muted">{sayEvicted(history)}</p>
    </>
  )
}

function sayEvicted({ evictions }: SpaceHistoryAnswer): string {
  if (evictions.length === 0) return 'Nothing was evicted in this time.'
  const images = evictions.reduce((sum, step) => sum + step.images, 0)
  const freed = evictions.reduce((sum, step) => sum + step.freedBytes, 0)
  const what = images === 1 ? '1 image was' : `${formatCount(images)} images were`
  return `▲ ${what} evicted in this time, which freed ${formatBytes(freed)}.`
}
