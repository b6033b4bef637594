import type { AccountBudgetAnswer, BudgetAnswer } from '../../answers/budget.ts'
import { useAnswer } from '../api/use-answer.ts'
import { Card } from '../parts/card.tsx'
import { formatCount, formatDuration } from '../parts/format.ts'
import { TimeChart } from '../parts/time-chart.tsx'
import { When } from '../parts/when.tsx'
import { ForecastWords } from './budget-words.tsx'

/** Of slots in which something was heard. */
const slotMs = 5 * 60_000

/** What is left of its limits on pulls, over time, and how long that lasts. */
export function BudgetCard({ name, since }: { readonly name: string; readonly since: string }) {
  const { data } = useAnswer<BudgetAnswer>(`budget?since=${since}`, { everyMs: 30_000 })
  const budget = data?.upstreams.find((upstream) => upstream.name === name)
  if (!budget) return null
  return (
    <>
      {budget.accounts.map((account) => (
        <Account key={account.account} {...account} />
      ))}
    </>
  )
}

function Account(budget: AccountBudgetAnswer) {
  const { account, limit, remaining, windowSeconds, heardAt, forecast, samples } = budget
  const times = samples.map(({ at }) => Date.parse(at ?? ''))
  const title = `Pulls left for ${account}`
  return (
    <Card title={title} class={samples.length > 1 ? 'wide' : ''}>
      <p>
        <strong class="number">
          {formatCount(remaining)} of {formatCount(limit)}
        </strong>{' '}
        in {formatDuration(windowSeconds * 1000)}, heard <When at={heardAt} />.{' '}
        <ForecastWords forecast={forecast} />
      </p>
      {samples.length > 1 && (
        <TimeChart
          title={title}
          summary={`${formatCount(remaining)} of ${formatCount(limit)} are left.`}
          kind="lines"
          height={150}
          times={times}
          stepMs={slotMs}
          series={[{ name: 'Left', color: 'cache', values: samples.map(({ lowest }) => lowest) }]}
          limits={[{ name: 'limit', value: limit }]}
          format={(value) => formatCount(Math.round(value))}
        />
      )}
    </Card>
  )
}
