import type { AuditAnswer, AuditAnswerRecord } from '../../answers/access.ts'
import { withQuery } from '../api/ask.ts'
import { useAnswer } from '../api/use-answer.ts'
import type { PageProps } from '../frame/pages.ts'
import { changeQuery } from '../frame/route.ts'
import { Badge, type BadgeKind } from '../parts/badge.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { Fault } from '../parts/fault.tsx'
import type { Column } from '../parts/table-props.ts'
import { Waiting } from '../parts/waiting.tsx'
import { When } from '../parts/when.tsx'
import { AuditFilters } from './audit-filters.tsx'
import { auditWords } from './audit-words.ts'

const columns: readonly Column<AuditAnswerRecord>[] = [
  { name: 'at', title: 'When', width: '12%', cell: At },
  {
    name: 'who',
    title: 'Who',
    width: '15%',
    cell: ({ who, from }) => (
      <span class="wrapped">
        <strong>{who}</strong> <span class="muted">{from ?? 'on the server'}</span>
      </span>
    ),
  },
  { name: 'what', title: 'What', width: '14%', cell: ({ what }) => auditWords[what] ?? what },
  {
    name: 'subject',
    title: 'To',
    width: '25%',
    cell: ({ subject }) => <span class="wrapped mono">{subject}</span>,
  },
  { name: 'result', title: 'Result', width: '10%', cell: Result },
  {
    name: 'detail',
    title: 'Detail',
    isMinor: true,
    cell: ({ detail }) => <span class="wrapped muted">{detail}</span>,
  },
]

const badges: Readonly<Record<AuditAnswerRecord['result'], BadgeKind>> = {
  ok: 'ok',
  denied: 'error',
  failed: 'warning',
}

/** Who did what, or tried to: the newest first. */
export function AuditTab({ route }: PageProps) {
  const { query } = route
  const asked = Object.fromEntries([...query].filter(([name]) => name !== 'tab'))
  const { data, error, isOld, retry } = useAnswer<AuditAnswer>(
    withQuery('audit', { ...asked, limit: 50 }),
    query.has('before') ? {} : { everyMs: 5_000 },
  )
  const records = data?.records ?? []
  return (
    <>
      <AuditFilters key={String(query)} route={route} />
      {error && <Fault error={error} retry={retry} />}
      {!data && !error && <Waiting what="the audit" />}
      {data && !error && records.length === 0 && (
        <Empty title={isFiltered(query) ? 'Nothing matches.' : 'Nothing has been done yet.'}>
          <p>Logins, pushes, removals, pins, changed users, tokens and configurations come here.</p>
        </Empty>
      )}
      {records.length > 0 && (
        <DataTable
          caption="Audit, the newest first"
          columns={columns}
          {...rowsOf(records)}
          keyOf={({ id }) => String(id)}
          isOld={isOld}
        />
      )}
      <Pages isFirst={!query.has('before')} next={data?.next} />
    </>
  )
}

type PagesProps = { readonly isFirst: boolean; readonly next: number | undefined }

function Pages({ isFirst, next }: PagesProps) {
  return (
    <div class="pages">
      {!isFirst && (
        <button type="button" onClick={() => changeQuery({ before: undefined })}>
          The newest
        </button>
      )}
      {next !== undefined && (
        <button type="button" onClick={() => changeQuery({ before: String(next) })}>
          Older
        </button>
      )}
    </div>
  )
}

function At({ at, until, times }: AuditAnswerRecord) {
  return (
    <>
      <When at={until ?? at} />
      {times > 1 && <span class="muted"> ({times} times)</span>}
    </>
  )
}

function Result({ result }: AuditAnswerRecord) {
  return <Badge kind={badges[result]}>{result}</Badge>
}

function isFiltered(query: URLSearchParams): boolean {
  return [...query.keys()].some((name) => name !== 'tab')
}
