import type { VerifyFindingAnswer } from '../../answers/verify.ts'
import { Badge } from '../parts/badge.tsx'
import { Card } from '../parts/card.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { shortDigest } from '../parts/format.ts'
import type { Column } from '../parts/table-props.ts'
import { When } from '../parts/when.tsx'

/** What was wrong, and what became of it. */
export function FindingsCard({ findings }: { readonly findings: readonly VerifyFindingAnswer[] }) {
  return (
    <Card title="What was wrong" class="wide">
      {findings.length === 0 ? (
        <Empty title="Nothing was found wrong, by hand or in the background." />
      ) : (
        <DataTable
          caption="What was found wrong, the last of it first"
          columns={columns}
          keyOf={({ at, what }) => `${at} ${what}`}
          {...rowsOf(findings)}
        />
      )}
    </Card>
  )
}

function Outcome({ found: { healed, outcome } }: { readonly found: VerifyFindingAnswer }) {
  if (outcome === undefined)
    return (
      <span class="space-name">
        <Badge kind="warning">found</Badge> nothing was to be changed then
      </span>
    )
  return (
    <span class="space-name">
      <Badge kind={healed ? 'ok' : 'error'}>{healed ? 'put right' : 'left wrong'}</Badge> {outcome}
    </span>
  )
}

function nameOf(what: string): string {
  return /^sha(256|512):/.test(what) ? shortDigest(what) : what
}

const columns: readonly Column<VerifyFindingAnswer>[] = [
  {
    name: 'at',
    title: 'When',
    cell: ({ at, by }) => (
      <>
        <When at={at} /> <span class="muted">{by === 'verify' ? '' : 'in the background'}</span>
      </>
    ),
  },
  {
    name: 'what',
    title: 'What',
    cell: ({ what, finding }) => (
      <span class="space-name" title={what}>
        <code>{nameOf(what)}</code> {finding}
      </span>
    ),
  },
  {
    name: 'images',
    title: 'Of',
    isMinor: true,
    cell: ({ images }) => <span class="space-name">{images.join(', ') || 'no image'}</span>,
  },
  {
    name: 'outcome',
    title: 'What became of it',
    cell: (found) => <Outcome found={found} />,
  },
]
