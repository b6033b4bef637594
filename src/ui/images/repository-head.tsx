import type { ComponentChildren } from 'preact'
import type { RepositoryDetailAnswer } from '../../answers/repositories.ts'
import { Bytes, Count } from '../parts/bytes.tsx'
import { Card } from '../parts/card.tsx'
import { formatCount } from '../parts/format.ts'
import { TimeChart } from '../parts/time-chart.tsx'
import { When } from '../parts/when.tsx'
import { PullCommands } from './pull-commands.tsx'

type Props = {
  readonly name: string
  /** Undefined until it is known. */
  readonly found: RepositoryDetailAnswer | undefined
  readonly newestTag: string | undefined
}

const dayMs = 86_400_000
const chartPx = 120

/** How the repository is pulled, what it takes, and how often it was pulled. */
export function RepositoryHead({ name, found, newestTag }: Props) {
  return (
    <div class="repository-head">
      <Card title="Pull it from here">
        <PullCommands name={found?.name ?? name} tag={newestTag} />
        <Totals found={found} />
      </Card>
      <Card title="Pulls in the last 30 days">
        <PullsChart pullsByDay={found?.pullsByDay} />
      </Card>
    </div>
  )
}

function Totals({ found }: Pick<Props, 'found'>) {
  return (
    <dl class="repository-totals">
      <Total title="Tags">{found && <Count value={found.tags} />}</Total>
      <Total title="Size here">{found && <Bytes value={found.size} />}</Total>
      <Total title="Only here" help="What no other repository shares: what deleting it would free">
        {found && <Bytes value={found.ownSize} />}
      </Total>
      <Total title="Last pulled">{found && <When at={found.lastPull} />}</Total>
    </dl>
  )
}

type TotalProps = {
  readonly title: string
  readonly help?: string
  readonly children: ComponentChildren
}

function Total({ title, help, children }: TotalProps) {
  return (
    <div title={help}>
      <dt>{title}</dt>
      <dd>{children ?? <span class="placeholder" />}</dd>
    </div>
  )
}

/** Its room is there from the beginning. */
function PullsChart({ pullsByDay }: { readonly pullsByDay: readonly number[] | undefined }) {
  const values = pullsByDay ?? Array.from({ length: 30 }, () => null)
  const today = Math.floor(Date.now() / dayMs)
  const times = values.map((_, at) => (today - values.length + 1 + at) * dayMs)
  const total = (pullsByDay ?? []).reduce((sum, pulls) => sum + pulls, 0)
  const summary = pullsByDay
    ? `${formatCount(total)} pulls in the last 30 days, ${formatCount(pullsByDay.at(-1) ?? 0)} of them today.`
    : 'Not known yet.'
  return (
    <TimeChart
      title="Pulls by day"
      summary={summary}
      height={chartPx}
      kind="bars"
      times={times}
      stepMs={dayMs}
      series={[{ name: 'pulls', color: 'cache', values }]}
      format={formatCount}
    />
  )
}
