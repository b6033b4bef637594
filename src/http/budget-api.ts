import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import type { Caller } from '../access/caller.ts'
import type {
  AccountBudgetAnswer,
  BudgetAnswer,
  ForecastAnswer,
  UpstreamBudgetAnswer,
} from '../answers/budget.ts'
import type { AccountBudget, AnyBudget, ImageUse, UpstreamBudget } from '../budget/any-budget.ts'
import type { Forecast } from '../budget/forecast.ts'
import { readSince } from '../budget/read-since.ts'
import { isRepository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { nameless } from '../traffic/report-names.ts'
import type { Environment } from './environment.ts'
import { toTime } from './inspection-json.ts'

type Asked = {
  readonly budget: AnyBudget
  readonly access: Access
  readonly now: () => number
}

const usualSince = '24h'
const mostUsers = 10

/** What is left of upstreams' limits on pulls, how long it lasts, and who uses it: `/budget`. */
export function addBudget(api: Hono<Environment>, { budget, access, now }: Asked): void {
  api.get('/budget', async (c) => {
    const caller = c.get('caller')
    access.requireReader(caller)
    const since = readSince(c.req.query('since') ?? usualSince, now())
    const upstreams = await budget.describeBudget(since)
    const told = upstreams.map((each) => toJson(each, { access, caller }))
    return c.json({ upstreams: told } satisfies BudgetAnswer)
  })
}

type Viewer = { readonly access: Access; readonly caller: Caller }

function toJson(
  { upstream, accounts, use }: UpstreamBudget,
  { access, caller }: Viewer,
): UpstreamBudgetAnswer {
  const mayPull = ({ repository }: ImageUse) =>
    isRepository(repository) &&
    access.may(caller, 'pull', { upstream: upstream as UpstreamName, repository })
  const images = use.images.filter(mayPull).slice(0, mostUsers)
  const seesNames = access.maySeeNames(caller)
  const clients = use.clients.slice(0, mostUsers).map(({ client, pulls }) => {
    return { client: client || nameless.client, pulls }
  })
  return {
    name: upstream,
    accounts: accounts.map((account, index) => {
      const named = seesNames ? account.account : `account ${index + 1}`
      return toJsonAccount({ ...account, account: named })
    }),
    users: {
      since: toTime(use.since),
      ...(seesNames && { clients }),
      images: images.map(({ repository, tag, pulls }) => {
        return { image: `${upstream}/${repository}${tag && `:${tag}`}`, pulls }
      }),
    },
  }
}

function toJsonAccount({
  heardAt,
  forecast,
  samples,
  ...account
}: AccountBudget): AccountBudgetAnswer {
  return {
    ...account,
    heardAt: toTime(heardAt),
    ...(forecast && { forecast: toJsonForecast(forecast) }),
    samples: samples.map(({ at, limit, remaining, lowest }) => {
      return { at: toTime(at), limit, remaining, lowest }
    }),
  }
}

function toJsonForecast(forecast: Forecast): ForecastAnswer {
  const { pullsPerHour } = forecast
  switch (forecast.state) {
    case 'enough':
      return { state: forecast.state, pullsPerHour }
    case 'running-out':
      return { state: forecast.state, pullsPerHour, usedUpAt: toTime(forecast.usedUpAt) }
    case 'used-up':
      return { state: forecast.state, pullsPerHour, backBy: toTime(forecast.backBy) }
  }
}
