import type { CounterName, Outcome } from '../store/ledger-records.ts'
import type { UnderWay } from './any-traffic.ts'
import type { TagTurns } from './tag-turns.ts'

/** What is counted together. Names that aren't known are empty. */
export type Subject = {
  /** An address; empty for the server itself. */
  readonly client: string
  readonly user: string
  readonly upstream: string
  readonly repository: string
  /** By which it was asked for; empty for what was asked for otherwise. */
  readonly tag: string
  readonly outcome: Outcome
}

/** All of them are there from the beginning: to add to them then takes some nanoseconds. */
export type TallyCounters = { -readonly [Name in CounterName]: number }
export type TallyRow = Subject & {
  /** When the first of it was counted. */
  readonly countedAt: number
  readonly counters: TallyCounters
}

/** What a thread has counted since it last told, and what it is doing. */
export type Tallied = {
  readonly rows: readonly TallyRow[]
  /** Undefined where it is as it was told last. */
  readonly underWay: readonly UnderWay[] | undefined
}

type Settings = {
  readonly passOn: (tallied: Tallied) => void
  /** The same memory in all threads. */
  readonly turns: TagTurns
}

const passOnEveryMs = 1_000
/** Of some 500 bytes each. */
const maxRows = 10_000

/**
 * What one thread counts, gathered by what it is about, and passed on each second: a request costs one look
 * into a map.
 */
export class Tally {
  /** Another one each time that rows have been passed on, and aren't to be added to any more. */
  generation = 0
  readonly #settings: Settings
  readonly #turns: TagTurns
  readonly #timer: NodeJS.Timeout
  #rows: TallyRow[] = []
  #bySubject = new Branch()
  #sample: () => readonly UnderWay[] = () => []
  #wasUnderWay = false

  constructor(settings: Settings) {
    this.#settings = settings
    this.#turns = settings.turns
    this.#timer = setInterval(() => this.flush(), passOnEveryMs).unref()
  }

  /** Before anything is passed on, `sample` counts what has come of requests that are under way, and names them. */
  sampleWith(sample: () => readonly UnderWay[]): void {
    const before = this.#sample
    this.#sample = () => [...before(), ...sample()]
  }

  /** To be added to as long as this generation lasts. */
  rowOf(subject: Subject): TallyRow {
    const { client, user, upstream, repository, tag, outcome } = subject
    const ofImage = this.#bySubject.at(repository).at(tag).at(upstream)
    const place = ofImage.at(client).at(outcome).at(user)
    const turn = tag === '' ? this.#turns.of(client) : 0
    if (place.row && place.turn === turn) return place.row
    if (this.#rows.length >= maxRows) {
      this.#tell(undefined)
      return this.rowOf(subject)
    }
    // What is asked for by digest from now on is of this tag, and not of the one before.
    if (tag !== '') this.#turns.begin(client)
    const names = { client, user, upstream, repository, tag, outcome }
    const row = { ...names, countedAt: Date.now(), counters: noCounts() }
    place.row = row
    place.turn = turn
    this.#rows.push(row)
    return row
  }

  /** Tells now. */
  flush(): void {
    const underWay = this.#sample()
    // That nothing is under way any more is told once.
    const isNews = underWay.length > 0 || this.#wasUnderWay
    this.#wasUnderWay = underWay.length > 0
    if (isNews || this.#rows.length > 0) this.#tell(isNews ? underWay : undefined)
  }

  close(): void {
    clearInterval(this.#timer)
    this.flush()
  }

  #tell(underWay: readonly UnderWay[] | undefined): void {
    const rows = this.#rows
    this.generation++
    this.#rows = []
    this.#bySubject = new Branch()
    this.#settings.passOn({ rows, underWay })
  }
}

/** Name by name: to put all names of a request together into one key takes four times as long. */
class Branch {
  readonly #branches = new Map<string, Branch>()
  row: TallyRow | undefined
  /** Of the client's, when the row was begun. */
  turn = 0

  at(name: string): Branch {
    const known = this.#branches.get(name)
    if (known) return known
    const branch = new Branch()
    this.#branches.set(name, branch)
    return branch
  }
}

export function noCounts(): TallyCounters {
  return {
    tagRequests: 0,
    digestRequests: 0,
    blobRequests: 0,
    listRequests: 0,
    pulls: 0,
    servedBytes: 0,
    blobMs: 0,
    fetches: 0,
    upstreamPulls: 0,
    fetchedBytes: 0,
    fetchMs: 0,
    broken: 0,
    took0: 0,
    took1: 0,
    took2: 0,
    took3: 0,
    took4: 0,
    took5: 0,
    took6: 0,
    took7: 0,
    tookMs: 0,
  }
}
