import type { AnyMetrics } from '../metrics/any-metrics.ts'
import type { Calls } from './calls.ts'

/** What a serving thread may call in the main thread, which counts what all of them do. */
export type MetricsCalls = { scrapeMetrics: AnyMetrics['scrape'] }

/** The metrics as a serving thread has them. */
export class RemoteMetrics implements AnyMetrics {
  readonly #calls: Calls<MetricsCalls>

  constructor(calls: Calls<MetricsCalls>) {
    this.#calls = calls
  }

  scrape: AnyMetrics['scrape'] = () => this.#calls.call('scrapeMetrics')
}

/** What the main thread has for it. */
export function metricsCalls(metrics: AnyMetrics): MetricsCalls {
  return { scrapeMetrics: () => metrics.scrape() }
}
