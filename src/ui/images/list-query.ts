import type { RepositoriesAnswer, RepositoryAnswer } from '../../answers/repositories.ts'
import { withQuery } from '../api/ask.ts'
import type { Route } from '../frame/route.ts'
import { formatSort, parseSort } from '../parts/sort.ts'
import type { Sort } from '../parts/table-props.ts'

/** What the link says is looked for. */
export type Filters = {
  readonly search: string
  readonly source: string
  /** Days. */
  readonly idle: string
  /** Bytes. */
  readonly larger: string
}

const usualSort: Sort = { name: 'pulled', isDescending: true }

export const noFilters: Filters = { search: '', source: '', idle: '', larger: '' }

export function readFilters({ query }: Route): Filters {
  const read = (name: keyof Filters) => query.get(name) ?? ''
  return {
    search: read('search'),
    source: read('source'),
    idle: read('idle'),
    larger: read('larger'),
  }
}

export function isFiltered(filters: Filters): boolean {
  return Object.values(filters).some((value) => value !== '')
}

export function readSort({ query }: Route): Sort {
  return parseSort(query.get('sort'), usualSort)
}

export function pathOf(filters: Filters, sort: Sort): string {
  const { search, source, idle, larger } = filters
  const given = { search, source, idle, larger }
  const entries = Object.entries(given).map(([name, value]) => [name, value || undefined])
  const order = formatSort(sort)
  return withQuery('repositories', { ...Object.fromEntries(entries), sort: order, sizes: 'later' })
}

/** Sizes aren't known while they are still being measured. */
export type RepositoryRow = Omit<RepositoryAnswer, 'size' | 'ownSize'> & {
  readonly size: number | undefined
  readonly ownSize: number | undefined
}

export function readRows({ repositories, total, measuring }: RepositoriesAnswer) {
  const unknown = { size: undefined, ownSize: undefined }
  const rows: readonly RepositoryRow[] = measuring
    ? repositories.map((each) => ({ ...each, ...unknown }))
    : repositories
  return { rows, total, isPassing: measuring === true }
}

export function keyOf({ name }: RepositoryRow): string {
  return name
}
