import { withQuery } from '../api/ask.ts'
import { changeQuery } from '../frame/route.ts'

/** By what the report can be split up, in the order in which they are offered. */
export const groups = [
  ['image', 'Image'],
  ['repository', 'Repository'],
  ['client', 'Client'],
  ['user', 'User'],
  ['upstream', 'Upstream'],
  ['outcome', 'Outcome'],
  ['day', 'Day'],
  ['hour', 'Hour'],
] as const
export type Group = (typeof groups)[number][0]

export const filterNames = ['image', 'repository', 'client', 'user', 'upstream', 'outcome'] as const
export type FilterName = (typeof filterNames)[number]

export const ranges = [
  ['24h', '24 hours'],
  ['7d', '7 days'],
  ['30d', '30 days'],
  ['365d', 'Year'],
] as const
export type Range = (typeof ranges)[number][0]

export const metrics = [
  ['bytes', 'Bytes'],
  ['pulls', 'Pulls'],
] as const
export type Metric = (typeof metrics)[number][0]

/** What the link says is shown. */
export type TrafficView = {
  /** Undefined of a range of one's own, which has both times. */
  readonly range: Range | undefined
  /** As the API takes it: how long ago, or ISO 8601. */
  readonly since: string
  readonly until: string | undefined
  readonly group: Group
  readonly metric: Metric
  readonly filters: readonly (readonly [FilterName, string])[]
}

const hourMs = 3_600_000
export const rangeMs: Readonly<Record<Range, number>> = {
  '24h': 24 * hourMs,
  '7d': 7 * 24 * hourMs,
  '30d': 30 * 24 * hourMs,
  '365d': 365 * 24 * hourMs,
}

/** What can't be read is as if it weren't there. */
export function readView(query: URLSearchParams): TrafficView {
  // Other pages say only since when.
  const asked = query.get('range') ?? query.get('since')
  const named = ranges.find(([name]) => name === asked)?.[0]
  const own = named === undefined ? readOwnRange(query) : undefined
  const range = own ? undefined : (named ?? '24h')
  const filters = filterNames.flatMap((name) => {
    const value = query.get(name)
    return value ? [[name, value] as const] : []
  })
  return {
    range,
    since: own?.since ?? range ?? '24h',
    until: own?.until,
    group: groups.find(([name]) => name === query.get('by'))?.[0] ?? 'image',
    metric: query.get('metric') === 'pulls' ? 'pulls' : 'bytes',
    filters,
  }
}

function readOwnRange(query: URLSearchParams) {
  const [since, until] = ['since', 'until'].map((name) => Date.parse(query.get(name) ?? ''))
  if (since === undefined || until === undefined || !(since < until)) return undefined
  return { since: new Date(since).toISOString(), until: new Date(until).toISOString() }
}

/** How long a time it is about, about. */
export function lengthOf({ range, since, until }: TrafficView): number {
  return range ? rangeMs[range] : Date.parse(until ?? '') - Date.parse(since)
}

/** Where the API has the report of it. */
export function reportPath(
  { since, until, filters }: TrafficView,
  asked: { readonly by: string; readonly top?: number; readonly format?: 'csv' },
): string {
  return withQuery('report', { ...asked, since, until, ...Object.fromEntries(filters) })
}

export function showRange(from: number, until: number): void {
  const [since, to] = [from, until].map((time) => new Date(time).toISOString())
  changeQuery({ range: undefined, since, until: to })
}

/** An image names its repository and its upstream: one of them at a time. */
export function addFilter(name: FilterName, value: string, by: Group): void {
  const isNaming = name === 'image' || name === 'repository' || name === 'upstream'
  const others = isNaming ? { image: undefined, repository: undefined, upstream: undefined } : {}
  changeQuery({ ...others, [name]: value, by, sort: undefined })
}
