/** What Prometheus is told, in its text format. */
export type Scrape = { readonly contentType: string; readonly text: string }

/** What can be asked of the metrics, from the thread they are gathered in or from another. */
export interface AnyMetrics {
  /** As it is, or was within the last second: however many ask, it is worked out once. */
  scrape(): Promise<Scrape>
}
