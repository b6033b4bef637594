import { useState } from 'preact/hooks'
import type { ChartData } from './chart-data.ts'
import { formatValue } from './chart-tip.tsx'
import { formatExactTime } from './format.ts'

/** The same for who would rather read it, made when it is asked for. */
export function ChartTable({ title, data }: { readonly title: string; readonly data: ChartData }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details class="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Show as table</summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        <section class="table-frame" tabIndex={0} aria-label={`${title}, as a table`}>
          <table class="rows">
            <caption class="unseen">{title}</caption>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {data.series.map(({ name }) => (
                  <th key={name} scope="col" class="numeric">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.times.map((time, index) => (
                <tr key={time}>
                  <th scope="row">{formatExactTime(time)}</th>
                  {data.series.map(({ name, values }) => (
                    <td key={name} class="numeric">
                      {formatValue(data, values[index])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  )
}
