import { setTimeout } from 'node:timers/promises'
import type { Access } from '../access/access.ts'
import type { Caller } from '../access/caller.ts'
import type { Repository } from '../oci/repository.ts'
import { formatSource, pushedHere, type Source } from '../oci/source.ts'
import { refuseKindly } from '../store/ledger-refusal.ts'
import type { Stores } from '../store/open-stores.ts'
import type { RepositorySizes, RepositorySummary } from '../store/overview-records.ts'
import type {
  RepositoryDetail,
  RepositoryList,
  RepositoryOverview,
  RepositoryQuery,
} from './any-catalog.ts'
import { firstPullDay, spreadOverDays } from './pull-days.ts'
import { Renewed } from './renewed.ts'
import { parseSearch, selectRepositories } from './repository-search.ts'
import { RepositoryTable } from './repository-table.ts'

type Settings = {
  readonly stores: Pick<Stores, 'overviews' | 'ledger'>
  readonly access: Pick<Access, 'may' | 'mayPullAll'>
  readonly now: () => number
  readonly onError: (error: unknown, what: string) => void
}

/** Each has some hundred bytes in memory while anybody looks. */
const mostRepositories = 100_000
const neverMs = Infinity
/** So long who can do without sizes waits for them. */
const sizesWithinMs = 200

/** Repositories in any order that people want, from a summary of all of them. */
export class Repositories {
  readonly #settings: Settings
  readonly #summary: Renewed<RepositorySummary>
  /** They take longer, and change little. */
  readonly #sizes: Renewed<RepositorySizes>
  #table: { parts: readonly unknown[]; table: RepositoryTable } | undefined
  #isClosed = false

  constructor(settings: Settings) {
    const { stores, now } = settings
    const { overviews } = stores
    const onError = (error: unknown) => {
      if (!this.#isClosed) settings.onError(error, "the list of repositories couldn't be renewed")
    }
    const summarize = () =>
      overviews.summarizeRepositories({ pullsSince: firstPullDay(now()), most: mostRepositories })
    const measure = () => overviews.measureRepositories()
    this.#settings = settings
    this.#summary = new Renewed({ make: summarize, onError, patienceMs: neverMs, mostMs: 30_000 })
    this.#sizes = new Renewed({ make: measure, onError, patienceMs: 150, mostMs: 600_000 })
  }

  /** Something was pushed, removed or evicted. */
  noteChange(): void {
    this.#summary.outdate()
    this.#sizes.outdate()
  }

  async list(query: RepositoryQuery, caller: Caller): Promise<RepositoryList> {
    const search = parseSearch(query.search)
    const table = await this.#makeTable(needsSizes(query) ? neverMs : sizesWithinMs)
    const { overviews } = this.#settings.stores
    const found = search.holding
      ? await overviews.findHolding(search.holding).catch(refuseKindly)
      : []
    const isVisible = this.#visibleFor(caller)
    const now = this.#settings.now()
    return selectRepositories(table, { query, search, holding: new Set(found), isVisible, now })
  }

  /** Undefined for one of which nothing is kept. */
  async describe(source: Source): Promise<RepositoryDetail | undefined> {
    const overview = await this.#find(formatSource(source))
    if (!overview) return undefined
    const since = firstPullDay(this.#settings.now())
    const where = { upstream: [source.upstream], repository: [source.repository] }
    const query = { since, until: this.#settings.now(), by: ['day'], where } as const
    const { sums } = await this.#settings.stores.ledger.sumTraffic(query).catch(refuseKindly)
    const days = sums.map(({ at = 0, counters }) => ({ at, pulls: counters.pulls }))
    return { ...overview, pullsByDay: spreadOverDays(days, since) }
  }

  /** What is still made is nobody's concern. */
  close(): void {
    this.#isClosed = true
  }

  /** It may have come since. */
  async #find(name: string): Promise<RepositoryOverview | undefined> {
    const lookUp = async () => {
      const table = await this.#makeTable()
      const place = table.find(name)
      return place === undefined ? undefined : table.describe(place)
    }
    const found = await lookUp()
    if (found) return found
    this.#summary.outdate()
    return lookUp()
  }

  async #makeTable(sizesWithin = neverMs): Promise<RepositoryTable> {
    const sizes = this.#sizes.get()
    // Where it comes too late, the next who asks hears of what went wrong.
    const inTime =
      sizesWithin === neverMs
        ? sizes
        : Promise.race([sizes, setTimeout(sizesWithin, undefined, { ref: false })])
    const parts = await Promise.all([this.#summary.get(), inTime]).catch(refuseKindly)
    const known = this.#table
    if (known?.parts.every((part, at) => part === parts[at])) return known.table
    const table = new RepositoryTable(...parts)
    this.#table = { parts, table }
    return table
  }

  /** For who may pull all there is: of an upstream that isn't configured any more, nobody knows for whom it was. */
  #visibleFor(caller: Caller): (source: Source) => boolean {
    const { access } = this.#settings
    const may = (source: Source) => access.may(caller, 'pull', source)
    if (!access.mayPullAll(caller)) return may
    const upstreams = new Map<string, boolean>([[pushedHere, true]])
    return ({ upstream }) => {
      const known = upstreams.get(upstream) ?? may({ upstream, repository: 'any' as Repository })
      upstreams.set(upstream, known)
      return known
    }
  }
}

/** What is put in order or left out by them. */
function needsSizes({ order, largerThan, mayLackSizes }: RepositoryQuery): boolean {
  return !mayLackSizes || order === 'size' || order === 'own' || largerThan !== undefined
}
