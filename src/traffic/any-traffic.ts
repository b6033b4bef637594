import type { LedgerRow } from '../store/ledger-records.ts'

/**
 * The room of the ledger: counts what is answered and what is fetched, gathers it in memory, writes it, and
 * reports it. It is told of everything and decides nothing.
 */

/** One body that is being written to a client for longer than a moment. */
export type UnderWay = {
  /** The same for as long as it is written; of no two at once. */
  readonly id: string
  readonly client: string
  readonly user: string
  readonly upstream: string
  readonly repository: string
  readonly tag: string
  readonly digest: string
  readonly cache: string
  readonly startedAt: number
  readonly writtenBytes: number
  /** Undefined where it isn't known. */
  readonly sizeBytes: number | undefined
}

/** Hears, about once a second, what was counted since it last heard; it never throws. */
export type TrafficListener = {
  /** Clients are named as reports name them. */
  onTraffic?(rows: readonly LedgerRow[]): void
  /** All that are under way, of all threads: at most a hundred, the largest. */
  onUnderWay?(underWay: readonly UnderWay[]): void
}
