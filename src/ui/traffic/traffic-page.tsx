import './traffic.css'
import type { Report } from '../../traffic/any-reports.ts'
import { useAnswer } from '../api/use-answer.ts'
import { PageHead } from '../frame/page-head.tsx'
import type { PageProps } from '../frame/pages.ts'
import { Wall } from '../frame/wall.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { FilterChips } from './filter-chips.tsx'
import { RangeForm } from './range-form.tsx'
import { chooseStep, slotGroup } from './time-slots.ts'
import { TrafficChart } from './traffic-chart.tsx'
import { TrafficSummary } from './traffic-summary.tsx'
import { TrafficTable } from './traffic-table.tsx'
import { lengthOf, readView, reportPath, type TrafficView } from './traffic-view.ts'

const everyMs = 30_000

/** Who pulled what, when, and what it saved. All that is chosen stands in the link. */
export function TrafficPage({ route: { query } }: PageProps) {
  const view = readView(query)
  return (
    <>
      <PageHead title="Traffic">
        <RangeForm view={view} />
      </PageHead>
      <FilterChips filters={view.filters} />
      <Course view={view} />
      <TrafficTable view={view} sort={query.get('sort')} />
    </>
  )
}

function Course({ view }: { readonly view: TrafficView }) {
  const stepMs = chooseStep(lengthOf(view))
  const by = slotGroup(stepMs)
  const { data, error, retry } = useAnswer<Report>(reportPath(view, { by }), { everyMs })
  return (
    <div class="course">
      {error && <Wall error={error} retry={retry} what="the traffic" />}
      {!error && !data && <Waiting what="the traffic" />}
      {data?.by.includes(by) && (
        <>
          <TrafficSummary totals={data.totals} />
          <TrafficChart view={view} report={data} stepMs={stepMs} />
        </>
      )}
    </div>
  )
}
