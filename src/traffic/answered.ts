import { durationBounds, type Outcome } from '../store/ledger-records.ts'
import { count, type TallyCounters } from './tally.ts'

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

const requestsOf = {
  tag: 'tagRequests',
  digest: 'digestRequests',
  blob: 'blobRequests',
  list: 'listRequests',
} as const

const tookNames = ['took0', 'took1', 'took2', 'took3', 'took4', 'took5', 'took6', 'took7'] as const

export function countAnswer(counters: TallyCounters, answered: Answered): void {
  const { kind, isPull, ms, isBroken } = answered
  count(counters, requestsOf[kind])
  count(counters, tookName(ms))
  count(counters, 'tookMs', ms)
  if (kind === 'blob') count(counters, 'blobMs', ms)
  if (isBroken) count(counters, 'broken')
  else if (isPull) count(counters, 'pulls')
}

function tookName(ms: number) {
  const index = durationBounds.findIndex((bound) => ms <= bound)
  return tookNames[index < 0 ? durationBounds.length : index] ?? 'took7'
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
function answeredAs(cache: string | undefined): Outcome {
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
