import type { UpstreamName } from '../oci/upstream-name.ts'
import type { UpstreamUrl } from './upstream-urls.ts'

/** What is known of an upstream, fit for anyone to read: no address but its own, no secret. */
export type UpstreamState = {
  readonly name: UpstreamName
  readonly offline: boolean
  readonly blobs: { readonly underWay: number; readonly waiting: number }
  readonly urls: readonly UrlState[]
}

export type UrlState = {
  readonly url: string
  /** `limited`: it said how long it isn't to be asked; `down`: it is tried in the background. */
  readonly state: 'up' | 'down' | 'limited'
  readonly reason?: string
  readonly forSeconds?: number
  readonly retryAfterSeconds?: number
  readonly budget?: BudgetState
}

export type BudgetState = {
  readonly limit: number
  readonly remaining: number
  readonly windowSeconds: number
  readonly source?: string
  readonly ageSeconds: number
}

export function describeUrl({ endpoint, breaker }: UpstreamUrl, at: number): UrlState {
  const { outage } = breaker
  const budget = describeBudget(endpoint, at)
  const url = endpoint.baseUrl.origin
  if (!outage) return { url, state: 'up', ...budget }
  const { error, since, until } = outage
  return {
    url,
    state: until === undefined ? 'down' : 'limited',
    reason: error.message,
    forSeconds: toSeconds(at - since),
    ...(until === undefined ? {} : { retryAfterSeconds: toSeconds(until - at) }),
    ...budget,
  }
}

export function describeBudget(
  { budget }: UpstreamUrl['endpoint'],
  at: number,
): { budget?: BudgetState } {
  if (!budget) return {}
  const { source, readAt, ...amounts } = budget
  const ageSeconds = toSeconds(at - readAt)
  return { budget: { ...amounts, ...(source === undefined ? {} : { source }), ageSeconds } }
}

function toSeconds(ms: number): number {
  return Math.max(0, Math.round(ms / 1000))
}
