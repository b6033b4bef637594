import type { Report } from '../../traffic/any-reports.ts'
import { go, hrefOf } from '../frame/route.ts'
import { Card } from '../parts/card.tsx'
import { formatBytes } from '../parts/format.ts'
import { TimeChart } from '../parts/time-chart.tsx'
import type { Range } from './ranges.ts'
import type { Slot } from './slots.ts'

type Props = { readonly range: Range; readonly report: Report; readonly slots: readonly Slot[] }

/** Bytes to clients, by where they came from. */
export function ServedChart({ range, report, slots }: Props) {
  const { servedBytes, fetchedBytes, savedBytes } = report.totals
  const saved = Math.max(savedBytes, 0)
  const summary = `Served ${formatBytes(servedBytes)}, fetched ${formatBytes(fetchedBytes)} for it, saved ${formatBytes(saved)}`
  return (
    <Card title="Bytes served" class="wide" aside={<span class="muted">{summary}</span>}>
      <TimeChart
        title={`Bytes served over the last ${range.title}`}
        summary={`${summary}.`}
        kind="bars"
        times={slots.map(({ at }) => at)}
        stepMs={range.slotMs}
        format={formatBytes}
        series={[
          { name: 'From cache', color: 'cache', values: slots.map((slot) => slot.cachedBytes) },
          {
            name: 'From upstream',
            color: 'upstream',
            values: slots.map((slot) => slot.upstreamBytes),
          },
          { name: 'Pushed here', color: 'pushed', values: slots.map((slot) => slot.hostedBytes) },
        ]}
        onRange={showTraffic}
      />
    </Card>
  )
}

function showTraffic(from: number, until: number): void {
  const [since, to] = [from, until].map((at) => new Date(at).toISOString())
  go(hrefOf('traffic', '', { since, until: to }))
}
