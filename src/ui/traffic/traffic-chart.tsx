import type { Report } from '../../traffic/any-reports.ts'
import { changeQuery } from '../frame/route.ts'
import { Card } from '../parts/card.tsx'
import { Choice } from '../parts/choice.tsx'
import { formatBytes, formatCount } from '../parts/format.ts'
import { TimeChart } from '../parts/time-chart.tsx'
import { toTimeSlots } from './time-slots.ts'
import { metrics, showRange, type TrafficView } from './traffic-view.ts'

type Props = {
  readonly view: TrafficView
  readonly report: Report
  readonly stepMs: number
}

const titles = { bytes: 'Bytes served over time', pulls: 'Pulls over time' } as const

/** When how much was served, and from where. A range that is marked is shown alone. */
export function TrafficChart({ view: { metric }, report, stepMs }: Props) {
  const { times, series } = toTimeSlots(report, stepMs, metric)
  const format = metric === 'bytes' ? formatBytes : formatCount
  const aside = (
    <Choice
      label="Show"
      values={metrics}
      chosen={metric}
      onChoose={(chosen) => changeQuery({ metric: chosen === 'bytes' ? undefined : chosen })}
    />
  )
  return (
    <Card title={titles[metric]} aside={aside} class="wide">
      <TimeChart
        title={titles[metric]}
        summary={summaryOf(series, format)}
        kind="bars"
        height={180}
        times={times}
        stepMs={stepMs}
        series={series}
        format={(value) => format(Math.round(value))}
        onRange={showRange}
      />
      <p class="muted small">
        Drag across the bars to see that time alone; hours and days are counted in UTC.
      </p>
    </Card>
  )
}

function summaryOf(
  series: ReturnType<typeof toTimeSlots>['series'],
  format: (value: number) => string,
): string {
  return series
    .map(({ name, values }) => {
      return `${name} ${format(values.reduce((sum, value) => sum + value, 0))}`
    })
    .join(', ')
}
