import type { AnyMetrics, Scrape } from './any-metrics.ts'
import { type AskedPart, type Gathered, gather, type Sources } from './gathered.ts'
import { processSeries } from './process-series.ts'
import { addProcessMetrics, Gauge, Registry } from './prom-client.ts'
import { addSeries, prefix } from './series.ts'
import { spaceSeries } from './space-series.ts'
import { trafficSeries } from './traffic-series.ts'
import { upstreamSeries } from './upstream-series.ts'

type Settings = Sources & {
  readonly version: string
  /** Hears what couldn't be found out, once until it can be again. */
  readonly onError: (error: unknown, what: string) => void
}

/** A second scrape within that time is told the same. */
const sameForMs = 1_000

const series = [...trafficSeries, ...upstreamSeries, ...spaceSeries, ...processSeries]

/**
 * The room of what Prometheus is told. It counts what it hears, asks the other rooms when it is scraped, and
 * does nothing for a single request. No label ever holds the name of an image, a client or a user.
 */
export class Metrics implements AnyMetrics {
  readonly #settings: Settings
  readonly #registry = new Registry()
  readonly #failing = new Set<AskedPart>()
  #gathered: Gathered | undefined
  #running: Promise<Scrape> | undefined
  #last: { readonly scrape: Scrape; readonly at: number } | undefined

  constructor(settings: Settings) {
    this.#settings = settings
    for (const each of series) addSeries(this.#registry, () => this.#current(), each)
    addProcessMetrics(this.#registry)
    addBuild(this.#registry, settings.version)
  }

  scrape(): Promise<Scrape> {
    if (this.#running !== undefined) return this.#running
    if (this.#last && performance.now() - this.#last.at < sameForMs)
      return Promise.resolve(this.#last.scrape)
    this.#running = this.#scrape().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #scrape(): Promise<Scrape> {
    this.#gathered = await gather(this.#settings, (error, part) => this.#noteFailure(error, part))
    for (const part of this.#failing)
      if (this.#gathered[part] !== undefined) this.#failing.delete(part)
    const text = await this.#registry.metrics()
    const scrape = { contentType: this.#registry.contentType, text }
    this.#last = { scrape, at: performance.now() }
    return scrape
  }

  #current(): Gathered {
    if (!this.#gathered) throw new Error('series are read when somebody scrapes')
    return this.#gathered
  }

  #noteFailure(error: unknown, part: AskedPart): void {
    if (this.#failing.has(part)) return
    this.#failing.add(part)
    this.#settings.onError(error, `the metrics of ${part} couldn't be found out`)
  }
}

function addBuild(registry: Registry, version: string): void {
  const name = `${prefix}build_info`
  const help = 'Which version runs, and on which Node.'
  const labelNames = ['version', 'nodejs_version']
  const build = new Gauge({ name, help, labelNames, registers: [registry] })
  build.set({ version, nodejs_version: process.versions.node }, 1)
}
