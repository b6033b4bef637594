import { setImmediate } from 'node:timers/promises'
import { pushedHere, type Source } from '../oci/source.ts'
import type { HoldingQuery } from '../store/overview-records.ts'
import type { RepositoryList, RepositoryQuery } from './any-catalog.ts'
import type { Column, RepositoryTable } from './repository-table.ts'

/** Rules take a microsecond or more; between so many requests are served. */
const decidedAtOnce = 500

/** What people type: part of a name, and perhaps of which tag or digest behind it. */
export type Search = {
  readonly text: string
  readonly name: string
  readonly holding: HoldingQuery | undefined
}

const digestPattern = /^([^@]*?)@?(sha(?:256|512):[0-9a-f]*)$/

/** `alpine`, `alpine:3.2`, `:3.2`, `sha256:4f` or `alpine@sha256:4f`. */
export function parseSearch(typed: string): Search {
  const text = typed.trim()
  const [, ofDigest, digest] = digestPattern.exec(text.toLowerCase()) ?? []
  if (digest !== undefined)
    return { text: text.toLowerCase(), name: ofDigest ?? '', holding: { digest } }
  const colon = text.lastIndexOf(':')
  const tag = colon < 0 ? '' : text.slice(colon + 1)
  const name = (colon < 0 ? text : text.slice(0, colon)).toLowerCase()
  const isTag = tag !== '' && !tag.includes('/')
  return { text: text.toLowerCase(), name, holding: isTag ? { tag } : undefined }
}

type Selection = {
  readonly query: RepositoryQuery
  readonly search: Search
  /** Ids of those that have the tag or digest that is searched for. */
  readonly holding: ReadonlySet<number>
  readonly isVisible: (source: Source) => boolean
  readonly now: number
}

/** A page of those that match and that whoever asks may see, and how many they are. */
export async function selectRepositories(
  table: RepositoryTable,
  selection: Selection,
): Promise<RepositoryList> {
  const { query, isVisible } = selection
  const isMatch = matcherOf(table, selection)
  const isAfter = (place: number) => (table.names[place] ?? '') > (query.after ?? '')
  const entries: number[] = []
  let [total, passed, decided] = [0, 0, 0]
  for (const place of table.walk(columns[query.order], query.isDescending)) {
    if (!isMatch(place)) continue
    if (++decided % decidedAtOnce === 0) await setImmediate()
    if (!isVisible(table.sourceAt(place))) continue
    total++
    if (isAfter(place) && passed++ >= query.offset && entries.length < query.limit)
      entries.push(place)
  }
  const hasMore = entries.length > 0 && passed > query.offset + entries.length
  const described = entries.map((place) => table.describe(place))
  return { entries: described, hasMore, total, isCut: table.isCut, isMeasured: table.isMeasured }
}

const columns = {
  name: 'name',
  tags: 'tags',
  size: 'bytes',
  own: 'ownBytes',
  pulls: 'pulls',
  pulled: 'lastPulledAt',
  stored: 'newestAt',
} as const satisfies Record<RepositoryQuery['order'], Column | 'name'>

function matcherOf(
  table: RepositoryTable,
  { query, search, holding, now }: Selection,
): (place: number) => boolean {
  const { source, idleMs = 0, largerThan = -1 } = query
  const isOfSource = (place: number) => {
    const { upstream } = table.sourceAt(place)
    return source === 'hosted' ? upstream === pushedHere : upstream === source
  }
  return (place) => {
    const name = table.names[place] ?? ''
    const isNamed = name.includes(search.text)
    const isHolding = holding.size > 0 && holding.has(table.read('id', place))
    if (!isNamed && !(isHolding && name.includes(search.name))) return false
    if (idleMs > 0 && table.read('lastPulledAt', place) > now - idleMs) return false
    if (table.read('bytes', place) <= largerThan) return false
    return source === 'all' || isOfSource(place)
  }
}
