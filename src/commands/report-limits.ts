import type { BudgetAnswer } from '../answers/budget.ts'
import { describeForecast } from './budget-words.ts'
import type { ReportOptions } from './report-options.ts'
import { askServer, ServerRefusal } from './server-client.ts'

/** What an upstream lets an account pull, and what is left. */
export type LimitRow = readonly [
  upstream: string,
  account: string,
  remaining: string,
  forecast: string,
]

/** Of whoever isn't let in. */
const refusals: readonly number[] = [401, 403]

/** As it is now: none for a report of what was, nor where whoever asks may not know. */
export async function askLimits(options: ReportOptions, now: number): Promise<readonly LimitRow[]> {
  if (options.until !== undefined) return []
  try {
    const answer = await askServer(options, 'GET', '/api/v1/budget?since=24h')
    return toRows(answer as BudgetAnswer, now)
  } catch (error) {
    if (error instanceof ServerRefusal && refusals.includes(error.status)) return []
    throw error
  }
}

function toRows({ upstreams }: BudgetAnswer, now: number): readonly LimitRow[] {
  return upstreams.flatMap(({ name, accounts }) =>
    accounts.map(({ account, limit, remaining, forecast }): LimitRow => {
      const left = `${remaining} of ${limit}`
      return [name, account, left, describeForecast(forecast, now)]
    }),
  )
}
