import type { BudgetAnswer } from '../answers/budget.ts'
import { describeBudget } from './budget-output.ts'
import { askServer } from './server-client.ts'
import type { ServerOptions } from './server-place.ts'

type Options = ServerOptions & { readonly json?: boolean }

/** `entrepot budget`: what is left of upstreams' limits on pulls, how long it lasts, and who uses it. */
export async function budget(options: Options): Promise<void> {
  const answer = (await askServer(options, 'GET', '/api/v1/budget?since=24h')) as BudgetAnswer
  const view = { now: Date.now(), isTerminal: process.stdout.isTTY === true }
  process.stdout.write(options.json ? `${JSON.stringify(answer)}\n` : describeBudget(answer, view))
}
