import type { Config } from '../config/config.ts'
import { counterNames, type LedgerRecords, type LedgerRow } from '../store/ledger-records.ts'
import type { TrafficListener, UnderWay } from './any-traffic.ts'
import { AskedTags } from './asked-tags.ts'
import type { ClientNames } from './client-names.ts'
import { LedgerWriter } from './ledger-writer.ts'
import { NameBounds } from './name-bounds.ts'
import { noCounts, type Subject, type Tallied, type TallyCounters, type TallyRow } from './tally.ts'

type Settings = {
  readonly records: LedgerRecords
  readonly names: ClientNames
  /** Those that mirrors.yaml names. */
  readonly upstreams: Iterable<string>
  readonly now: () => number
  readonly listeners: readonly TrafficListener[]
  /** Hears when it can't be written any more; once, until it can again. */
  readonly onError: (error: unknown, what: string) => void
}

type GatheredRow = Omit<LedgerRow, 'counters'> & { readonly counters: TallyCounters }

const everyMs = 1_000
const hourMs = 3_600_000
/** Of some 500 bytes each; what comes beyond, while nothing can be written, isn't named. */
const maxRows = 20_000
/** At once: some 100 ms, in which the database is nobody else's. */
const maxWritten = 2_000
const mostShown = 100

/**
 * Who pulled what, and what it cost: what the threads have counted is named, gathered by the hour and written
 * each few seconds. A killed server loses four seconds of it at most, and counts nothing twice.
 */
export class Ledger {
  readonly #settings: Settings
  readonly #tags = new AskedTags()
  readonly #bounds: NameBounds
  readonly #writer: LedgerWriter
  readonly #timer: NodeJS.Timeout
  readonly #underWay = new Map<string, readonly UnderWay[]>()
  /** What came since the last turn; and before it, when a tag that was asked of another thread is known by now. */
  #fresh: TallyRow[] = []
  #settled: TallyRow[] = []
  readonly #gathered = new Map<string, GatheredRow>()

  private constructor(settings: Settings, writer: LedgerWriter) {
    this.#settings = settings
    this.#bounds = new NameBounds(settings.upstreams)
    this.#writer = writer
    this.#timer = setInterval(() => this.#turn(), everyMs).unref()
  }

  static async open(settings: Settings): Promise<Ledger> {
    return new Ledger(settings, await LedgerWriter.open(settings))
  }

  /** Takes up a changed configuration. */
  configure(config: Config): void {
    this.#settings.names.configure(config)
    this.#bounds.configure(config.upstreams.keys())
  }

  /** What one thread has counted since it last told. */
  add(thread: string, { rows, underWay }: Tallied): void {
    for (const row of rows) {
      this.#tags.note(row)
      this.#fresh.push(row)
    }
    if (underWay) this.#show(thread, underWay)
  }

  /** A thread has ended, and with it what it was doing. */
  forget(thread: string): void {
    if (this.#underWay.has(thread)) this.#show(thread, [])
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#turn()
    this.#turn()
    await this.#writer.close([...this.#gathered.values()])
  }

  #turn(): void {
    const news = this.#settled.map((row) => this.#name(row))
    this.#settled = this.#fresh
    this.#fresh = []
    for (const row of news) this.#gather(row)
    if (news.length > 0) this.#tell(news)
    this.#pass()
  }

  #pass(): void {
    if (this.#gathered.size === 0 || this.#writer.isBusy) return
    const keys = [...this.#gathered.keys()].slice(0, maxWritten)
    this.#writer.write(keys.flatMap((key) => this.#gathered.get(key) ?? []))
    for (const key of keys) this.#gathered.delete(key)
  }

  #name(row: TallyRow): LedgerRow {
    const { names, now } = this.#settings
    const at = now()
    const { user, upstream, repository, outcome } = row
    const client = names.nameOf(row.client)
    const tag = this.#tags.tagOf(row, row.countedAt)
    const bounded = this.#bounds.bound({ client, user, upstream, repository, tag, outcome }, at)
    return { at: at - (at % hourMs), ...bounded, counters: row.counters }
  }

  #gather(row: LedgerRow): void {
    const full = this.#gathered.size >= maxRows
    const named = full ? { ...row, client: '', user: '', repository: '', tag: '' } : row
    const key = `${row.at}\n${keyOf(named)}`
    const known = this.#gathered.get(key) ?? { ...named, counters: noCounts() }
    this.#gathered.set(key, known)
    for (const name of counterNames) known.counters[name] += row.counters[name] ?? 0
  }

  #tell(rows: readonly LedgerRow[]): void {
    for (const listener of this.#settings.listeners) listener.onTraffic?.(rows)
  }

  #show(thread: string, underWay: readonly UnderWay[]): void {
    const { names, listeners } = this.#settings
    const named = underWay.map((each) => ({
      ...each,
      client: names.nameOf(each.client),
      tag: this.#tags.tagOf(each, each.startedAt),
    }))
    this.#underWay.set(thread, named)
    const all = [...this.#underWay.values()].flat()
    const largest = all.sort((one, other) => other.writtenBytes - one.writtenBytes)
    for (const listener of listeners) listener.onUnderWay?.(largest.slice(0, mostShown))
  }
}

function keyOf({ client, user, upstream, repository, tag, outcome }: Subject): string {
  return `${client}\n${user}\n${upstream}\n${repository}\n${tag}\n${outcome}`
}
