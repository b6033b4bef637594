import type { RuleAnswer, RulesAnswer } from '../../answers/access.ts'
import { useAnswer } from '../api/use-answer.ts'
import type { PageProps } from '../frame/pages.ts'
import { hrefOf } from '../frame/route.ts'
import { Card } from '../parts/card.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { Fault } from '../parts/fault.tsx'
import type { Column } from '../parts/table-props.ts'
import { Waiting } from '../parts/waiting.tsx'
import { TryBox } from './try-box.tsx'
import { writeRule } from './write-rights.ts'

const columns: readonly Column<RuleAnswer>[] = [
  { name: 'who', title: 'Who', cell: ({ who }) => <strong>{who}</strong> },
  { name: 'may', title: 'May', cell: ({ may }) => may.join(', ') },
  {
    name: 'repositories',
    title: 'In repositories',
    cell: ({ repositories }) => <span class="wrapped mono">{repositories.join(', ')}</span>,
  },
]

const everybody: Readonly<Record<RulesAnswer['anonymous'], string>> = {
  none: 'Without a login nobody may anything, but what a rule for anonymous gives.',
  pull: 'Without a login everybody may pull, but nothing of private upstreams.',
  push: 'Without a login everybody may pull, push and delete here: whoever reaches this server can change its images.',
}

/** What mirrors.yaml says of who may what; it is changed there. */
export function RulesTab({ route }: PageProps) {
  const { data, error, retry } = useAnswer<RulesAnswer>('access')
  if (error && !data) return <Fault error={error} retry={retry} />
  if (!data) return <Waiting what="the rules" />
  return (
    <div class="cards">
      <Card
        title="Try it"
        class="wide"
        aside={
          <a href={hrefOf('access', '', { tab: 'audit', result: 'denied' })}>
            What was denied lately
          </a>
        }
      >
        <TryBox route={route} />
      </Card>
      <Card title="Rules" class="wide">
        <Rules rules={data} />
      </Card>
      <Card title="Everybody">
        <p>{everybody[data.anonymous]}</p>
        {data.privateUpstreams.length > 0 && (
          <p>Private upstreams: {data.privateUpstreams.join(', ')}.</p>
        )}
        <p class="muted">
          <code>access.anonymous: {data.anonymous}</code>
        </p>
      </Card>
      <Card title="Groups">
        <Groups groups={data.groups} />
      </Card>
    </div>
  )
}

function Rules({ rules: { rules, unruled } }: { readonly rules: RulesAnswer }) {
  return (
    <>
      {unruled && (
        <p>
          No rule is about anybody who is signed in: every user may everything, administer too, but
          for private upstreams. With the first such rule users may only what rules give.
        </p>
      )}
      {rules.length > 0 ? (
        <DataTable
          caption="Rules"
          columns={columns}
          {...rowsOf(rules)}
          keyOf={(rule) => `${rule.who} ${writeRule(rule)}`}
        />
      ) : (
        <Empty title="There are no rules." />
      )}
      <p class="muted below">
        What any rule allows is allowed. They are changed under <code>access.rules</code> in
        mirrors.yaml, and count without a restart: see{' '}
        <a href={hrefOf('access', '', { tab: 'configuration', search: 'access' })}>Configuration</a>
        .
      </p>
    </>
  )
}

function Groups({ groups }: Pick<RulesAnswer, 'groups'>) {
  const entries = Object.entries(groups)
  if (entries.length === 0) {
    return (
      <p class="muted">
        None. A group under <code>access.groups</code> gives one name to many.
      </p>
    )
  }
  return (
    <dl class="pairs">
      {entries.map(([name, members]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{members.join(', ')}</dd>
        </div>
      ))}
    </dl>
  )
}
