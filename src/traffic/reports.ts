import type { Access } from '../access/access.ts'
import type { Caller } from '../access/caller.ts'
import { BoundedQueue } from '../bounded-queue.ts'
import type { Config } from '../config/config.ts'
import { isRepository, type Repository } from '../oci/repository.ts'
import { pushedHere } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { LedgerRecords, LedgerSum } from '../store/ledger-records.ts'
import { refuseKindly } from '../store/ledger-refusal.ts'
import type { AnyReports, Report, ReportRequest } from './any-reports.ts'
import { dimensionsFor, makeReport } from './report-making.ts'

type Settings = {
  readonly ledger: Pick<LedgerRecords, 'sumTraffic'>
  readonly access: Pick<Access, 'may' | 'mayPullAll'>
  readonly config: Pick<Config, 'pricePerGB'>
}

/** Each has its rows in memory while it is made. */
const places = { atOnce: 2, mostWaiting: 20, what: 'reports' }

/** Makes reports of the ledger, for those who may see what they are of. */
export class Reports implements AnyReports {
  readonly #settings: Settings
  readonly #queue = new BoundedQueue(places)
  #price: Config['pricePerGB']

  constructor(settings: Settings) {
    this.#settings = settings
    this.#price = settings.config.pricePerGB
  }

  /** Takes up a changed configuration. */
  configure({ pricePerGB }: Pick<Config, 'pricePerGB'>): void {
    this.#price = pricePerGB
  }

  report(request: ReportRequest, caller: Caller): Promise<Report> {
    return this.#queue.run(() => this.#make(request, caller))
  }

  async #make(request: ReportRequest, caller: Caller): Promise<Report> {
    const { ledger, access } = this.#settings
    const seesAll = access.mayPullAll(caller)
    const { since, until, where } = request
    const by = dimensionsFor(request.by, { withRepository: !seesAll })
    const sums = await ledger.sumTraffic({ since, until, where, by }).catch(refuseKindly)
    const isVisible = seesAll ? this.#ofUpstreamsFor(caller) : this.#ofRepositoriesFor(caller)
    return makeReport(sums, { request, price: this.#price, isVisible })
  }

  /** For who may pull all there is: of an upstream that isn't configured any more, nobody knows for whom it was. */
  #ofUpstreamsFor(caller: Caller): (sum: LedgerSum) => boolean {
    const repository = 'any' as Repository
    const may = remembering((upstream) => this.#may(caller, { upstream, repository }))
    return ({ upstream = pushedHere }) => upstream === pushedHere || may(upstream)
  }

  /** For all others; what is about no repository isn't for them. */
  #ofRepositoriesFor(caller: Caller): (sum: LedgerSum) => boolean {
    const may = remembering((key) => {
      const slash = key.indexOf('/')
      const repository = key.slice(slash + 1)
      if (!isRepository(repository)) return false
      return this.#may(caller, { upstream: key.slice(0, slash), repository })
    })
    return ({ upstream = pushedHere, repository = '' }) => may(`${upstream}/${repository}`)
  }

  #may(caller: Caller, { upstream, repository }: { upstream: string; repository: Repository }) {
    const source = { upstream: upstream as UpstreamName, repository }
    return this.#settings.access.may(caller, 'pull', source)
  }
}

/** A report has thousands of rows of the same repository. */
function remembering(decide: (key: string) => boolean): (key: string) => boolean {
  const known = new Map<string, boolean>()
  return (key) => {
    const decision = known.get(key) ?? decide(key)
    known.set(key, decision)
    return decision
  }
}
