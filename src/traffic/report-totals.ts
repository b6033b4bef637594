import type { Price } from '../config/config.ts'
import { dockerHub } from '../oci/upstream-name.ts'
import { failedOutcomes, type LedgerSum, type Outcome } from '../store/ledger-records.ts'
import type { Totals } from './any-reports.ts'
import { findQuantile, readHistogram } from './report-durations.ts'
import { addToTally, countRequests, createTally, toFigures } from './report-tally.ts'

const bytesPerGB = 1e9
/** Whose bodies came from the disk: by them it is measured how fast that is. */
const local: ReadonlySet<Outcome> = new Set(['hit', 'stale', 'hosted'])
const failed: ReadonlySet<Outcome> = new Set(failedOutcomes)

/** Adds up a whole report. */
export class TotalsTally {
  readonly #tally = createTally()
  readonly #errors = new Map<Outcome, number>()
  readonly #hub = { pulls: 0, counted: 0 }
  readonly #fetched = { bytes: 0, ms: 0 }
  readonly #local = { bytes: 0, ms: 0 }
  #took: readonly number[] = []

  /** Of a sum whose upstream is known. */
  add({ upstream, counters }: LedgerSum, outcome: Outcome): void {
    addToTally(this.#tally, outcome, counters)
    const took = readHistogram(counters)
    this.#took = took.map((count, index) => count + (this.#took[index] ?? 0))
    this.#fetched.bytes += counters.fetchedBytes
    this.#fetched.ms += counters.fetchMs
    if (upstream === dockerHub) {
      this.#hub.pulls += counters.pulls
      this.#hub.counted += counters.upstreamPulls
    }
    if (local.has(outcome)) {
      this.#local.bytes += counters.servedBytes
      this.#local.ms += counters.blobMs
    }
    const requests = countRequests(counters)
    if (requests > 0 && failed.has(outcome))
      this.#errors.set(outcome, (this.#errors.get(outcome) ?? 0) + requests)
  }

  toTotals(price: Price | undefined): Totals {
    const figures = toFigures(this.#tally)
    const { pulls, counted } = this.#hub
    const optional = {
      medianMs: findQuantile(this.#took, 0.5),
      p95Ms: findQuantile(this.#took, 0.95),
      savedMs: this.#estimateSavedMs(figures.savedBytes),
      money: price && {
        amount: (figures.savedBytes / bytesPerGB) * price.amount,
        currency: price.currency,
        perGB: price.amount,
      },
    }
    return {
      ...figures,
      errorsByKind: Object.fromEntries(this.#errors),
      dockerHub: { pulls, counted, avoided: pulls - counted },
      ...withoutMissing(optional),
    }
  }

  /** How much longer clients would have read what wasn't fetched again, at upstream's speed and not at ours. */
  #estimateSavedMs(savedBytes: number): number | undefined {
    const [upstream, own] = [this.#fetched, this.#local]
    if (upstream.bytes === 0 || upstream.ms === 0 || own.bytes === 0 || own.ms === 0)
      return undefined
    return savedBytes * (upstream.ms / upstream.bytes - own.ms / own.bytes)
  }
}

type Present<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> }

function withoutMissing<Values extends object>(values: Values): Present<Values> {
  const present = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as Present<Values>
}
