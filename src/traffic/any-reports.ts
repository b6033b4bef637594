import type { Caller } from '../access/caller.ts'
import type { LedgerDimension, LedgerQuery, Outcome } from '../store/ledger-records.ts'

/** Reports of the ledger, asked from the thread that makes them or from another. */
export interface AnyReports {
  /**
   * Of what the caller may pull, and of nothing else. Throws RegistryError: TOOMANYREQUESTS where too many
   * wait already, UNSUPPORTED (400) for one that would be too long.
   */
  report(request: ReportRequest, caller: Caller): Promise<Report>
}

export type ReportRequest = Pick<LedgerQuery, 'by' | 'since' | 'until' | 'where'> & {
  /** So many rows at most, those of which most was served; the others are summed. */
  readonly top: number
}

/** As the API gives it. Times are as ISO 8601 has them, in UTC. */
export type Report = {
  /** What it is really of: whole hours, of long ago whole days. */
  readonly since: string
  readonly until: string
  readonly by: readonly LedgerDimension[]
  /** By time where a dimension is one, else by what was served, the most first. */
  readonly rows: readonly ReportRow[]
  readonly others: OtherRows | undefined
  readonly totals: Totals
}

/** Its names are those of the dimensions that were asked for; empty where there is none. */
export type ReportRow = Readonly<Partial<Record<LedgerDimension, string>>> & Figures

export type OtherRows = { readonly rows: number } & Figures

export type Figures = {
  readonly requests: number
  /** Requests that were answered with an error. */
  readonly errors: number
  /** Answers that ended before they were whole. */
  readonly broken: number
  /** Answered GETs of a manifest that is no index, as Docker Hub counts. */
  readonly pulls: number
  /** Of those, without what is hosted; and of these, answered from what was kept. */
  readonly mirroredPulls: number
  readonly cachedPulls: number
  /** Written to clients: from what was kept, from upstream as it came, and from what is hosted; what is missing are errors. */
  readonly servedBytes: number
  readonly cachedBytes: number
  readonly upstreamBytes: number
  readonly hostedBytes: number
  /** Received from upstreams. */
  readonly fetchedBytes: number
  /** Served of what is mirrored, less what was fetched: below zero where more was fetched, as by prefetch. */
  readonly savedBytes: number
  /** Shares of what is mirrored, 0 to 1, that were answered from what was kept; undefined where there was none. */
  readonly pullHitRatio?: number
  readonly byteHitRatio?: number
}

export type Totals = Figures & {
  /** By how they ended; what didn't happen isn't there. */
  readonly errorsByKind: Readonly<Partial<Record<Outcome, number>>>
  /** How long answers took, estimated from a histogram; undefined where there were none. */
  readonly medianMs?: number
  readonly p95Ms?: number
  /** Of `pricePerGB`, for each 10^9 bytes that were saved. */
  readonly money?: { readonly amount: number; readonly currency: string; readonly perGB: number }
  /** Pulls of its images here, pulls that it counted, and the difference. */
  readonly dockerHub: { readonly pulls: number; readonly counted: number; readonly avoided: number }
  /** An estimate; undefined where the speeds weren't measured. */
  readonly savedMs?: number
}
