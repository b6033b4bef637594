import { formatCount, formatDuration, formatExactTime } from '../parts/format.ts'
import type { Cell } from './upstream-health.ts'

const words = {
  none: 'nothing was asked',
  ok: 'it answered',
  failed: 'some requests failed',
  down: 'it wasn’t asked, for a while at least',
} as const

/** How a day went, half an hour each: told by height, colour and word. */
export function AvailabilityStrip({ cells }: { readonly cells: readonly Cell[] }) {
  return (
    <span class="strip" role="img" aria-label={summaryOf(cells)}>
      {cells.map((cell) => (
        <span key={cell.at} data-look={cell.look} title={titleOf(cell)} />
      ))}
    </span>
  )
}

function titleOf({ at, look, requests, failed, absentSeconds }: Cell): string {
  const parts = [`${formatExactTime(at)}: ${words[look]}`]
  if (requests > 0) parts.push(`${formatCount(requests)} requests, ${formatCount(failed)} failed`)
  if (absentSeconds > 0) parts.push(`not asked for ${formatDuration(absentSeconds * 1000)}`)
  return parts.join(', ')
}

export function summaryOf(cells: readonly Cell[]): string {
  if (cells.length === 0) return 'It isn’t known yet how the day went.'
  const count = (look: Cell['look']) => cells.filter((cell) => cell.look === look).length
  const [down, failed, ok] = [count('down'), count('failed'), count('ok')]
  if (down + failed + ok === 0) return 'Nothing was asked in this time.'
  return `Of ${cells.length} times: answered in ${ok}, with failures in ${failed}, not asked for a while in ${down}, and nothing asked in ${cells.length - down - failed - ok}.`
}
