/** What a pulling process is told. */
export interface PullOrder {
  readonly url: string
  readonly clients: number
  /** Holds the bytes that are to come. */
  readonly file: string
  /** When to leave, however far the pulls have come. */
  readonly patienceMs: number
}

/** What it says in the end. Times are milliseconds since the requests were sent. */
export interface PullReport {
  readonly doneClients: number
  readonly bytes: number
  /** Of the client whose body began last, and of the one that was done last; null if one never was. */
  readonly firstByteMs: number | null
  readonly lastByteMs: number | null
  /** What was wrong with answers, if anything was. */
  readonly faults: readonly string[]
}
