import { Download } from 'lucide-preact'
import type { Report } from '../../traffic/any-reports.ts'
import { apiUrl } from '../api/ask.ts'
import { useSession } from '../api/session.ts'
import { useAnswer } from '../api/use-answer.ts'
import { changeQuery } from '../frame/route.ts'
import { Wall } from '../frame/wall.tsx'
import { Bytes, Count } from '../parts/bytes.tsx'
import { Card } from '../parts/card.tsx'
import { Choice } from '../parts/choice.tsx'
import { DataTable, rowsOf } from '../parts/data-table.tsx'
import { Empty } from '../parts/empty.tsx'
import { formatSort, parseSort } from '../parts/sort.ts'
import { Waiting } from '../parts/waiting.tsx'
import { columnsFor, sortRows, usualSort } from './traffic-rows.tsx'
import { type Group, groups, reportPath, type TrafficView } from './traffic-view.ts'

type Props = { readonly view: TrafficView; readonly sort: string | null }

const mostRows = 1_000

/** The same, by what one chooses. */
export function TrafficTable({ view, sort }: Props) {
  const { data: session } = useSession()
  const { group } = view
  const isStranger = session?.kind === 'anonymous' && session.canLogIn
  const isClosed = isStranger && (group === 'client' || group === 'user')
  const aside = !isClosed && <CsvLink view={view} />
  return (
    <Card title="By what" aside={aside} class="wide">
      <Choice
        label="Group by"
        values={groups}
        chosen={group}
        onChoose={(by: Group) => changeQuery({ by, sort: undefined })}
      />
      {isClosed ? (
        <Empty title="Who pulls, and from where, is shown to who is signed in.">
          <p>Sign in, or choose something else than clients and users.</p>
        </Empty>
      ) : (
        <Rows view={view} sort={sort} />
      )}
    </Card>
  )
}

function Rows({ view, sort: sortText }: Props) {
  const { group, metric } = view
  const path = reportPath(view, { by: group, top: mostRows })
  const { data, error, isWaiting, isOld, retry } = useAnswer<Report>(path)
  if (error && !data) return <Wall error={error} retry={retry} what="the traffic" />
  // What is there of another group has other names.
  if (!data?.by.includes(group)) return isWaiting || isOld ? <Waiting what="the report" /> : null
  if (data.rows.length === 0) return <NoRows view={view} />
  const sort = parseSort(sortText, usualSort(view))
  const rows = sortRows(data.rows, group, sort)
  const most = Math.max(
    ...rows.map(({ servedBytes, pulls }) => (metric === 'bytes' ? servedBytes : pulls)),
  )
  return (
    <>
      <DataTable
        caption="Traffic by what was chosen"
        columns={columnsFor(view, most)}
        {...rowsOf(rows)}
        keyOf={(row) => row[group] ?? ''}
        sort={sort}
        onSort={(chosen) => changeQuery({ sort: formatSort(chosen) }, { replace: true })}
        isOld={isOld}
      />
      {data.others && (
        <p class="muted small">
          And <Count value={data.others.rows} /> more, of which{' '}
          <Bytes value={data.others.servedBytes} /> were served: the CSV file has them.
        </p>
      )}
    </>
  )
}

function NoRows({ view: { range, filters } }: { readonly view: TrafficView }) {
  const isFiltered = filters.length > 0
  const none = Object.fromEntries(filters.map(([name]) => [name, undefined]))
  return (
    <Empty title={isFiltered ? 'Nothing of that in this range.' : 'No pulls in this range.'}>
      {isFiltered && (
        <button type="button" onClick={() => changeQuery(none)}>
          Remove the filters
        </button>
      )}{' '}
      {range !== '365d' && (
        <button
          type="button"
          onClick={() => changeQuery({ range: '365d', since: undefined, until: undefined })}
        >
          Show a year
        </button>
      )}
    </Empty>
  )
}

function CsvLink({ view }: { readonly view: TrafficView }) {
  const path = reportPath(view, { by: view.group, format: 'csv' })
  return (
    <a class="button" href={apiUrl(path)} download>
      <Download aria-hidden="true" size={16} /> CSV
    </a>
  )
}
