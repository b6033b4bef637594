import type { AccountBudgetAnswer, ForecastAnswer } from '../../answers/budget.ts'
import { formatCount, formatDuration } from '../parts/format.ts'
import { When } from '../parts/when.tsx'

/** What is left of a limit on pulls, as a bar and in words. */
export function LimitLeft({ account }: { readonly account: AccountBudgetAnswer }) {
  const { remaining, limit, windowSeconds } = account
  const isLow = remaining < limit / 10
  return (
    <span class="limit-left">
      <span>
        <span class="number">
          {formatCount(remaining)} of {formatCount(limit)}
        </span>
        {isLow && <span class="wrong"> ▲ low</span>}
      </span>
      <span class="share-bar" aria-hidden="true">
        <span style={{ width: `${Math.min(1, remaining / limit) * 100}%` }} />
      </span>
      <span class="muted small">in {formatDuration(windowSeconds * 1000)}</span>
    </span>
  )
}

/** How long it lasts. */
export function ForecastWords({ forecast }: { readonly forecast: ForecastAnswer | undefined }) {
  if (!forecast) return <>Too little is known to say how long it lasts.</>
  const rate = `${forecast.pullsPerHour} pulls an hour of late`
  if (forecast.state === 'enough') return <>It lasts: {rate}.</>
  if (forecast.state === 'running-out') {
    return (
      <>
        <span class="wrong">▲ Used up</span> <When at={forecast.usedUpAt} /> if it goes on like
        that: {rate}.
      </>
    )
  }
  return (
    <>
      <span class="wrong">⬣ Used up.</span> The next pulls are there{' '}
      <When at={forecast.backBy} unknown="at a time that isn’t known" />, or earlier.
    </>
  )
}
