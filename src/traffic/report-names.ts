import type { LedgerDimension, LedgerSum } from '../store/ledger-records.ts'

/** What isn't known by a name of its own is called so, in reports and in what they are asked for. */
export const nameless = { client: 'server', user: 'anonymous', upstream: 'hosted' } as const

/** How a report calls what a sum is of; empty where there is nothing to call. */
export function nameOf(dimension: LedgerDimension, sum: LedgerSum): string {
  switch (dimension) {
    case 'client':
    case 'user':
    case 'upstream':
      return sum[dimension] || nameless[dimension]
    case 'repository':
      return repositoryOf(sum)
    case 'image':
      return sum.tag ? `${repositoryOf(sum)}:${sum.tag}` : repositoryOf(sum)
    case 'outcome':
      return sum.outcome ?? ''
    case 'hour':
      return sum.at === undefined ? '' : `${new Date(sum.at).toISOString().slice(0, 16)}Z`
    case 'day':
      return sum.at === undefined ? '' : new Date(sum.at).toISOString().slice(0, 10)
  }
}

/** As it is pulled. Empty for what is about none, such as lists of all that is kept. */
function repositoryOf({ upstream = '', repository = '' }: LedgerSum): string {
  return upstream === '' || repository === '' ? repository : `${upstream}/${repository}`
}
