import { durationBounds, type Outcome } from '../store/ledger-records.ts'
import type { TallyCounters } from './tally.ts'

/** What requests of the registry ask for, as far as they are counted. */
export type AskedKind = 'tag' | 'digest' | 'blob' | 'list'

/** A request that has come to its end. */
export type Answered = {
  readonly kind: AskedKind
  /** Whether an image was pulled by it, as Docker Hub counts: see README, Reports. */
  readonly isPull: boolean
  readonly ms: number
  readonly isBroken: boolean
}

export function countAnswer(counters: TallyCounters, answered: Answered): void {
  const { kind, isPull, ms, isBroken } = answered
  if (kind === 'tag') counters.tagRequests++
  else if (kind === 'digest') counters.digestRequests++
  else if (kind === 'blob') counters.blobRequests++
  else counters.listRequests++
  if (kind === 'blob') counters.blobMs += ms
  if (isBroken) counters.broken++
  else if (isPull) counters.pulls++
  countDuration(counters, ms)
}

const tookNames = ['took0', 'took1', 'took2', 'took3', 'took4', 'took5', 'took6', 'took7'] as const
const [shortest] = durationBounds

function countDuration(counters: TallyCounters, ms: number): void {
  counters.tookMs += ms
  // Nearly all of them.
  if (ms <= shortest) counters.took0++
  else counters[tookNames[durationBounds.findIndex((bound) => ms <= bound)] ?? 'took7']++
}

/** Undefined for what isn't counted: a client that has yet to log in asks once in vain. */
export function outcomeOf(
  status: number | undefined,
  { cache, isLoggingIn }: { cache: string | undefined; isLoggingIn: boolean },
): Outcome | undefined {
  if (status === 401 && isLoggingIn) return undefined
  const failure = status === undefined ? undefined : failureOf(status)
  return failure ?? answeredAs(cache)
}

function failureOf(status: number): Outcome | undefined {
  if (status < 400) return undefined
  if (status === 401 || status === 403) return 'denied'
  if (status === 404) return 'not-found'
  if (status === 429) return 'limited'
  if (status === 502 || status === 503 || status === 504) return 'unavailable'
  return status >= 500 ? 'failed' : 'refused'
}

/** Who left before there was an answer asked for what isn't kept, or it would have been there at once. */
export function answeredAs(cache: string | undefined): Outcome {
  switch (cache) {
    case 'hit':
    case 'stale':
    case 'pass':
    case 'hosted':
      return cache
    default:
      return 'miss'
  }
}
