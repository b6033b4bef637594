import type { ChartData } from './chart-data.ts'
import { formatExactTime } from './format.ts'

type Props = {
  readonly data: ChartData
  /** Of the value that is pointed at. */
  readonly index: number | undefined
  /** Where a marked range began. */
  readonly anchor: number | undefined
}

/** All values of one time; its room is there always, so that nothing moves. */
export function ChartTip({ data, index, anchor }: Props) {
  const at = index === undefined ? undefined : data.times[index]
  return (
    <p class="chart-tip" role="status">
      {index !== undefined && at !== undefined && (
        <>
          <strong>
            {anchor !== undefined && anchor !== index && `${timeOf(data, anchor)} to `}
            {formatExactTime(at)}
          </strong>
          {data.series.map(({ name, values }) => (
            <span key={name}>
              {' '}
              · {name} {formatValue(data, values[index])}
            </span>
          ))}
        </>
      )}
    </p>
  )
}

function timeOf({ times }: ChartData, index: number): string {
  return formatExactTime(times[index] ?? 0)
}

export function formatValue({ format }: ChartData, value: number | null | undefined): string {
  return value === null || value === undefined ? 'not known' : format(value)
}
