import type { AccountBudgetAnswer, BudgetAnswer, UpstreamBudgetAnswer } from '../answers/budget.ts'
import { describeForecast, formatClock, formatSpan } from './budget-words.ts'
import { formatAgo } from './human-values.ts'
import { formatSparkline } from './sparkline.ts'
import { formatTable } from './table.ts'

export type View = { readonly now: number; readonly isTerminal: boolean }

const dayMs = 86_400_000
/** Half an hour each. */
const columns = 48
const indent = '  '

const nothingHeard = `No upstream has said anything of a limit on pulls in the last 24 hours. Docker Hub says it with
each manifest, but for accounts that have no limit: pull one of its images through this
server, and ask again. "entrepot check --live" asks now, if mirrors.yaml is at hand.
`

/** Each upstream's accounts, and who used it, for people. */
export function describeBudget({ upstreams }: BudgetAnswer, view: View): string {
  if (upstreams.length === 0) return nothingHeard
  return upstreams.map((upstream) => describeUpstream(upstream, view)).join('\n')
}

function describeUpstream({ name, accounts, users }: UpstreamBudgetAnswer, view: View): string {
  const headings = ['ACCOUNT', 'REMAINING', 'IN', 'HEARD', 'FORECAST']
  const rows = accounts.map((account) => toRow(account, view.now))
  const used = users.images.length > 0 || (users.clients ?? []).length > 0
  return [
    formatTable([[name]]),
    formatTable([headings, ...rows], indent),
    ...(view.isTerminal
      ? ['\n', ...accounts.map((account) => describeDay(account, view.now))]
      : []),
    ...(used ? ['\n', describeUsers(users, view.now)] : []),
  ].join('')
}

function toRow(
  { heardAt, forecast, ...account }: AccountBudgetAnswer,
  now: number,
): readonly string[] {
  const { limit, remaining, windowSeconds } = account
  return [
    account.account,
    `${remaining} of ${limit}`,
    formatSpan(windowSeconds * 1000),
    formatAgo(heardAt, now),
    describeForecast(forecast, now),
  ]
}

function describeDay({ account, samples }: AccountBudgetAnswer, now: number): string {
  const points = samples.map(({ at, limit, lowest }) => {
    return { at: Date.parse(at), share: limit === 0 ? 0 : lowest / limit }
  })
  const line = formatSparkline(points, { from: now - dayMs, to: now, columns })
  return formatTable([[line, `remaining in the last 24 h, ${account}`]], indent)
}

function describeUsers(
  { since, clients = [], images }: UpstreamBudgetAnswer['users'],
  now: number,
) {
  const head = `PULLS SINCE ${formatClock(Date.parse(since), now)}`
  const ofClients = clients.map(({ client, pulls }) => [client, String(pulls)])
  const ofImages = images.map(({ image, pulls }) => [image, String(pulls)])
  const tables = [
    ...(clients.length > 0 ? [formatTable([['CLIENT', head], ...ofClients], indent)] : []),
    ...(images.length > 0 ? [formatTable([['IMAGE', head], ...ofImages], indent)] : []),
  ]
  return tables.join('\n')
}
