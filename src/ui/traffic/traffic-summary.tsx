import type { Report } from '../../traffic/any-reports.ts'
import { Bytes, Count } from '../parts/bytes.tsx'
import { formatDuration, formatShare } from '../parts/format.ts'

/** All that is shown, in one line. */
export function TrafficSummary({ totals }: Pick<Report, 'totals'>) {
  const { pulls, servedBytes, byteHitRatio, savedBytes, errors, medianMs, p95Ms } = totals
  return (
    <p class="traffic-summary">
      <span>
        <Count value={pulls} /> {pulls === 1 ? 'pull' : 'pulls'}
      </span>
      <span>
        <Bytes value={servedBytes} /> served
      </span>
      {byteHitRatio !== undefined && <span>{formatShare(byteHitRatio)} from cache</span>}
      {savedBytes > 0 && (
        <span>
          <Bytes value={savedBytes} /> not fetched again
        </span>
      )}
      <span>
        <Count value={errors} /> failed {errors === 1 ? 'request' : 'requests'}
      </span>
      {medianMs !== undefined && p95Ms !== undefined && (
        <span title="How long answers took: half of them at most so long, and 95 % of them">
          half within {formatDuration(medianMs)}, 95 % within {formatDuration(p95Ms)}
        </span>
      )}
    </p>
  )
}
