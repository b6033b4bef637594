import type { BudgetState, UrlState } from './upstream-state.ts'
import type { UpstreamUrl } from './upstream-urls.ts'

export function describeUrl({ endpoint, breaker }: UpstreamUrl, at: number): UrlState {
  const { outage } = breaker
  const budget = describeBudget(endpoint, at)
  const url = endpoint.baseUrl.origin
  const login = endpoint.describeLogin()
  if (!outage) return { url, state: 'up', ...budget, login }
  const { error, since, until } = outage
  return {
    url,
    state: until === undefined ? 'down' : 'limited',
    reason: error.message,
    forSeconds: toSeconds(at - since),
    ...(until === undefined ? {} : { retryAfterSeconds: toSeconds(until - at) }),
    ...budget,
    login,
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
