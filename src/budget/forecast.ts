import type { BudgetSample } from '../store/budget-records.ts'
import { slotMs } from './accounts.ts'
import { type Batch, countPulls, findOutstanding } from './outstanding.ts'

/** Times are milliseconds since 1970. */
export type Forecast = {
  /** So many pulls an hour, of late. */
  readonly pullsPerHour: number
} & (
  | { readonly state: 'enough' }
  | { readonly state: 'running-out'; readonly usedUpAt: number }
  /** The first pulls come back then, or earlier; undefined where nothing is known of them. */
  | { readonly state: 'used-up'; readonly backBy: number | undefined }
)

const hourMs = 3_600_000
/** The rate is that of the last hour, or of so much of a short window. */
const rateShare = 1 / 6
/** Of that; heard of for less, a few pulls mean nothing yet. */
const leastShare = 1 / 4
/** An upstream may claim a window of years. */
const mostSamples = 1_000
const mostLookBackMs = mostSamples * slotMs

/**
 * Whether an account's limit lasts, from its samples of the last two windows, the earliest first; undefined
 * without any. It assumes that
 * - a pull counts against the limit for one window and then comes back (a sliding window; where upstream fills
 *   all up at once, it is there earlier than forecast),
 * - pulls that were made before the first sample, or unheard of, were made just before we heard, and come back latest,
 * - everybody who shares the account goes on as fast as in the last hour, at an even pace,
 * - and nobody waits: what a client doesn't get counts for nothing.
 */
export function forecast(samples: readonly BudgetSample[], now: number): Forecast | undefined {
  const known = samples.filter(({ at }) => at <= now).slice(-mostSamples)
  const [first] = known
  const last = known.at(-1)
  if (!first || !last) return undefined
  const windowMs = last.windowSeconds * 1000
  const outstanding = findOutstanding(known, now)
  const remaining = Math.max(0, last.limit - countPulls(outstanding))
  const perMs = findRate(outstanding, { firstAt: first.heardAt, windowMs, now })
  const pullsPerHour = Math.round(perMs * hourMs * 10) / 10
  if (remaining < 1) {
    const [earliest] = outstanding
    const backBy = earliest && earliest.at + windowMs
    return { state: 'used-up', backBy, pullsPerHour }
  }
  const usedUpAt = findEnd(outstanding, { remaining, perMs, windowMs, now })
  return usedUpAt === undefined
    ? { state: 'enough', pullsPerHour }
    : { state: 'running-out', usedUpAt, pullsPerHour }
}

type Times = { readonly windowMs: number; readonly now: number }

/** Pulls a millisecond. */
function findRate(
  outstanding: readonly Batch[],
  { firstAt, windowMs, now }: Times & { readonly firstAt: number },
): number {
  const mostMs = Math.min(hourMs, windowMs * rateShare)
  const spanMs = Math.min(Math.max(now - firstAt, mostMs * leastShare), mostMs)
  const recent = outstanding.filter(({ at, isSeen }) => isSeen && at > now - spanMs)
  return spanMs > 0 ? countPulls(recent) / spanMs : 0
}

/**
 * When nothing remains, with pulls at that rate and those that come back meanwhile; undefined where that
 * isn't within a window: by then as much comes back as goes.
 */
function findEnd(
  outstanding: readonly Batch[],
  { remaining, perMs, windowMs, now }: Times & { remaining: number; perMs: number },
): number | undefined {
  if (perMs === 0) return undefined
  let left = remaining
  let at = now
  for (const batch of outstanding) {
    const backAt = batch.at + windowMs
    if (at + left / perMs < backAt) return Math.round(at + left / perMs)
    left += batch.count - (backAt - at) * perMs
    at = backAt
  }
  const end = Math.round(at + left / perMs)
  return end <= now + windowMs ? end : undefined
}

/** How far back the samples reach by which it is forecast: two windows. */
export function lookBackMs({ windowSeconds }: Pick<BudgetSample, 'windowSeconds'>): number {
  return Math.min(2 * windowSeconds * 1000, mostLookBackMs)
}

/** Used up, or within this time. */
const shortMs = hourMs
/** Only then it isn't short any more: a rate that wavers would be told again and again. */
const fineMs = 2 * shortMs

/** Whether somebody should know, given whether it was so before. */
export function isShort(wasShort: boolean, found: Forecast | undefined, now: number): boolean {
  if (!found || found.state === 'enough') return false
  if (found.state === 'used-up') return true
  return found.usedUpAt - now <= (wasShort ? fineMs : shortMs)
}
