import type { UpstreamTrouble } from '../../answers/upstreams.ts'
import { Badge, type BadgeKind } from '../parts/badge.tsx'
import { Count } from '../parts/bytes.tsx'
import { Card } from '../parts/card.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import type { Column } from '../parts/table-props.ts'
import { When } from '../parts/when.tsx'

const kinds: Readonly<Record<UpstreamTrouble['kind'], readonly [BadgeKind, string]>> = {
  limited: ['warning', 'limited'],
  unavailable: ['error', 'no answer'],
  invalid: ['error', 'wrong answer'],
  denied: ['warning', 'denied'],
  down: ['error', 'not asked'],
  up: ['ok', 'asked again'],
}

const columns: readonly Column<UpstreamTrouble>[] = [
  {
    name: 'kind',
    title: 'What and when',
    cell: ({ kind, lastAt }) => (
      <span class="upstream-name">
        <span>
          <Badge kind={kinds[kind][0]}>{kinds[kind][1]}</Badge>
        </span>
        <span class="muted small">
          <When at={lastAt} />
        </span>
      </span>
    ),
  },
  {
    name: 'message',
    title: 'Message',
    cell: ({ message }) => <span class="found">{message}</span>,
  },
  {
    name: 'repository',
    title: 'Asked for',
    isMinor: true,
    cell: ({ repository }) => <span class="found">{repository}</span>,
  },
  {
    name: 'times',
    title: 'Times',
    isNumber: true,
    isMinor: true,
    cell: ({ times }) => <Count value={times} />,
  },
  {
    name: 'first',
    title: 'First',
    isMinor: true,
    cell: ({ firstAt }) => <When at={firstAt} />,
  },
]

/** What went wrong, the latest first. */
export function Troubles({ troubles }: { readonly troubles: readonly UpstreamTrouble[] }) {
  return (
    <Card title="What went wrong last" class="wide">
      {troubles.length === 0 ? (
        <Empty title="Nothing has gone wrong in the last 30 days." />
      ) : (
        <DataTable
          caption="What went wrong last"
          columns={columns}
          {...rowsOf(troubles)}
          keyOf={({ firstAt, kind, message }) => `${firstAt} ${kind} ${message}`}
        />
      )}
    </Card>
  )
}
