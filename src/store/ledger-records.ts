/**
 * Who pulled what, what it cost upstream, and what it saved: sums of what was counted, by the hour and by the
 * day, never single requests. All times are milliseconds since 1970, given by the caller; hours, days and months
 * are those of UTC.
 */
export interface LedgerRecords {
  /** All of it or nothing; a batch whose id isn't greater than that of the last one is there already. */
  addTraffic(batch: LedgerBatch): Promise<void>
  /** The id of the last batch that was added; 0 before the first. */
  findLastBatch(): Promise<number>
  /** Not in this thread, which serves: a year of a large site takes some tenths of a second. Throws LedgerSizeError and LedgerBusyError. */
  sumTraffic(query: LedgerQuery): Promise<LedgerSums>
  /** Removes what is older than is kept, some at a time with pauses between; gives how many rows. */
  trimTraffic(bounds: LedgerBounds): Promise<number>
}

/**
 * How a request ended: with an answer, which came about as X-Entrepot-Cache says, or with an error.
 * What upstream sent counts for `miss`, whatever became of it.
 */
const answeredOutcomes = ['hit', 'miss', 'stale', 'pass', 'hosted'] as const
export const failedOutcomes = [
  'not-found',
  /** By rules; wrong logins are in the audit, and a client that has yet to log in asks once in vain. */
  'denied',
  /** 429 */
  'limited',
  /** 502, 503 and 504: upstream can't be asked, or the server stops. */
  'unavailable',
  /** 500 */
  'failed',
  /** What can't be understood, and whatever else is the client's doing. */
  'refused',
] as const
export const outcomes = [...answeredOutcomes, ...failedOutcomes] as const
export type Outcome = (typeof outcomes)[number]

/** Answers to requests, by how long they took from the request's head to their last byte: so many milliseconds at most. */
export const durationBounds = [5, 25, 100, 500, 2_500, 10_000, 60_000] as const

export const counterNames = [
  /** Requests, by what they asked for: a manifest by tag, a manifest by digest, a blob, a list. */
  'tagRequests',
  'digestRequests',
  'blobRequests',
  'listRequests',
  /** Images that were pulled: answered GETs of a manifest that is no index, as Docker Hub counts. */
  'pulls',
  /** Written to clients, of bodies; also of transfers that broke. */
  'servedBytes',
  /** How long blobs took to write. */
  'blobMs',
  /** Requests to upstream, and those of them that it counts as pulls. */
  'fetches',
  'upstreamPulls',
  /** Received from upstream, of bodies; also of transfers that broke. */
  'fetchedBytes',
  /** How long it took to receive them, added up over connections. */
  'fetchMs',
  /** Answers that ended before they were whole. */
  'broken',
  /** Answers by duration: see durationBounds; the last is of those that took longer than all. */
  'took0',
  'took1',
  'took2',
  'took3',
  'took4',
  'took5',
  'took6',
  'took7',
  /** All of these together. */
  'tookMs',
] as const
export type CounterName = (typeof counterNames)[number]
export type Counters = Readonly<Record<CounterName, number>>

/** What names aren't known, or aren't kept, is empty. */
export type LedgerRow = {
  /** It counts for this hour. */
  readonly at: number
  /** As reports name it: an address, a name of `clients:`, a hash; empty for the server itself. */
  readonly client: string
  /** As formatCaller writes it; empty for anonymous. */
  readonly user: string
  /** Empty for what is hosted. */
  readonly upstream: string
  readonly repository: string
  /** By which the client asked for the image last. */
  readonly tag: string
  readonly outcome: Outcome
  /** What isn't there is 0. */
  readonly counters: Partial<Counters>
}

export type LedgerBatch = { readonly id: number; readonly rows: readonly LedgerRow[] }

/** `repository` with its upstream, `image` with its tag too. */
export const ledgerDimensions = [
  'client',
  'user',
  'upstream',
  'repository',
  'image',
  'outcome',
  'hour',
  'day',
] as const
export type LedgerDimension = (typeof ledgerDimensions)[number]

export type LedgerQuery = {
  /** From the hour, or of long ago the day, that this lies in. */
  readonly since: number
  /** Up to the end of the hour, or of long ago the day, that the moment before this lies in. */
  readonly until: number
  readonly by: readonly LedgerDimension[]
  /** Only what has one of these values; of what isn't there, all. */
  readonly where: {
    readonly client?: readonly string[]
    readonly user?: readonly string[]
    readonly upstream?: readonly string[]
    /** `repository` at any upstream where that isn't given. */
    readonly repository?: readonly string[]
    readonly tag?: readonly string[]
    readonly outcome?: readonly Outcome[]
  }
}

/** What the sums are really of, and the sums in no particular order. */
export type LedgerSums = {
  readonly since: number
  readonly until: number
  readonly sums: readonly LedgerSum[]
}

/** Its keys are those that the query asks for; of `repository` upstream and repository, of `image` the tag too. */
export type LedgerSum = {
  readonly client?: string
  readonly user?: string
  readonly upstream?: string
  readonly repository?: string
  readonly tag?: string
  readonly outcome?: Outcome
  /** When the hour, or else the day, began. */
  readonly at?: number
  readonly counters: Counters
}

export const maxLedgerSums = 100_000

/** A query asks for more sums than anyone reads; what it says is fit for anyone to read. */
export class LedgerSizeError extends Error {
  override readonly name = 'LedgerSizeError'
  readonly code = 'ENTREPOT_LEDGER_SIZE'

  constructor() {
    super(
      `the report would have more than ${maxLedgerSums} lines: ask for a shorter time, for fewer things to split it up by, or only for some of them`,
    )
  }
}

/** So many reports are being made that another would wait for long; what it says is fit for anyone to read. */
export class LedgerBusyError extends Error {
  override readonly name = 'LedgerBusyError'
  readonly code = 'ENTREPOT_LEDGER_BUSY'

  constructor() {
    super('too many reports are being made at once: ask again in a minute')
  }
}

export type LedgerBounds = {
  /** Hours that began earlier are known by their day only. */
  readonly hoursBefore: number
  /** And nothing of days that began earlier. */
  readonly daysBefore: number
  /** Of rows, at most; the oldest days go first. */
  readonly most: number
}
