import type { ReportRow } from '../../traffic/any-reports.ts'
import { Bytes, Count, Unknown } from '../parts/bytes.tsx'
import { formatShare } from '../parts/format.ts'
import type { Column, Sort } from '../parts/table-props.ts'
import { outcomeWord } from './outcome-words.ts'
import {
  addFilter,
  type FilterName,
  type Group,
  groups,
  showRange,
  type TrafficView,
} from './traffic-view.ts'

/** The latest first; else what there was most of. */
export function usualSort({ group, metric }: TrafficView): Sort {
  const isTime = group === 'hour' || group === 'day'
  return { name: isTime ? group : ofMetric[metric], isDescending: true }
}

const ofMetric = { bytes: 'served', pulls: 'pulls' } as const

const numbers: Readonly<Record<string, (row: ReportRow) => number>> = {
  pulls: ({ pulls }) => pulls,
  served: ({ servedBytes }) => servedBytes,
  cached: ({ byteHitRatio }) => byteHitRatio ?? -1,
  fetched: ({ fetchedBytes }) => fetchedBytes,
  failed: ({ errors }) => errors,
}

/** The names decide where all else is the same. */
export function sortRows(
  rows: readonly ReportRow[],
  group: Group,
  { name, isDescending }: Sort,
): readonly ReportRow[] {
  const number = numbers[name]
  const byName = (one: ReportRow, other: ReportRow) =>
    (one[group] ?? '').localeCompare(other[group] ?? '', 'en', { numeric: true })
  const sorted = rows.toSorted(
    (one, other) => (number ? number(one) - number(other) : 0) || byName(one, other),
  )
  return isDescending ? sorted.reverse() : sorted
}

export function columnsFor(
  { group, metric }: TrafficView,
  most: number,
): readonly Column<ReportRow>[] {
  const title = groups.find(([name]) => name === group)?.[1] ?? group
  const bar = (row: ReportRow, name: string) =>
    name === ofMetric[metric] && (
      <ShareBar share={most > 0 ? (numbers[name]?.(row) ?? 0) / most : 0} />
    )
  const number = { isNumber: true, isSortable: true } as const
  return [
    {
      name: group,
      title,
      isSortable: true,
      width: '40%',
      cell: (row) => <RowName group={group} row={row} />,
    },
    {
      ...number,
      name: 'pulls',
      title: 'Pulls',
      help: 'Images that were pulled, as Docker Hub counts',
      cell: (row) => (
        <>
          <Count value={row.pulls} />
          {bar(row, 'pulls')}
        </>
      ),
    },
    {
      ...number,
      name: 'served',
      title: 'Served',
      help: 'Bytes sent to clients',
      cell: (row) => (
        <>
          <Bytes value={row.servedBytes} />
          {bar(row, 'served')}
        </>
      ),
    },
    {
      ...number,
      name: 'cached',
      title: 'From cache',
      help: 'Share of the mirrored bytes that needn’t be fetched',
      isMinor: true,
      cell: ({ byteHitRatio }) =>
        byteHitRatio === undefined ? (
          <Unknown why="nothing of it is mirrored" />
        ) : (
          <span class="number">{formatShare(byteHitRatio)}</span>
        ),
    },
    {
      ...number,
      name: 'fetched',
      title: 'Fetched',
      help: 'Bytes received from upstreams',
      isMinor: true,
      cell: ({ fetchedBytes }) => <Bytes value={fetchedBytes} />,
    },
    {
      ...number,
      name: 'failed',
      title: 'Failed',
      help: 'Requests that were answered with an error',
      isMinor: true,
      cell: ({ errors }) => <Count value={errors} />,
    },
  ]
}

/** How it compares with the most. */
function ShareBar({ share }: { readonly share: number }) {
  return (
    <span class="share-bar" aria-hidden="true">
      <span style={{ width: `${Math.min(1, share) * 100}%` }} />
    </span>
  )
}

function RowName({ group, row }: { readonly group: Group; readonly row: ReportRow }) {
  const name = row[group] ?? ''
  if (name === '') return <span class="muted">no single image</span>
  return (
    <button type="button" class="link" onClick={() => open(group, name)}>
      {group === 'outcome' ? outcomeWord(name) : name}
    </button>
  )
}

/** Shows it alone, by what it consists of. */
function open(group: Group, name: string): void {
  if (group === 'hour' || group === 'day') {
    const from = Date.parse(name)
    showRange(from, from + (group === 'hour' ? 3_600_000 : 86_400_000))
  } else if (group === 'image' && isUntagged(name)) addFilter('repository', name, 'image')
  else addFilter(group, name, nextGroup[group])
}

const nextGroup: Readonly<Record<FilterName, Group>> = {
  image: 'day',
  repository: 'image',
  client: 'repository',
  user: 'repository',
  upstream: 'repository',
  outcome: 'repository',
}

/** Of what was pulled by its digest alone only the repository is known. */
function isUntagged(image: string): boolean {
  return image.lastIndexOf(':') <= image.lastIndexOf('/')
}
