import type { DurationCounts } from './duration-values.ts'
import { durationValues } from './duration-values.ts'
import { Counter, Gauge, type Registry } from './prom-client.ts'

export type Labels = Readonly<Record<string, string>>

/** Without labels where it has none. */
export type Sample = readonly [value: number, labels?: Labels]

type Common = {
  /** Without the prefix that all have. */
  readonly name: string
  /** What it counts, for people. */
  readonly help: string
}

/** Series of one name, read when somebody asks for them: nothing is done until then. */
export type Series<Gathered> = Common &
  (
    | {
        readonly type: 'gauge' | 'counter'
        readonly labels?: readonly string[]
        /** What can't be told is left out. */
        readonly read: (gathered: Gathered) => Iterable<Sample>
      }
    | {
        readonly type: 'histogram'
        readonly read: (gathered: Gathered) => Iterable<readonly [DurationCounts, Labels]>
      }
  )

export const prefix = 'entrepot_'

/** `current` gives what was gathered for whoever asks now. */
export function addSeries<Gathered>(
  registry: Registry,
  current: () => Gathered,
  series: Series<Gathered>,
): void {
  const name = `${prefix}${series.name}`
  if (series.type === 'histogram') {
    const values = () => durationValues(name, series.read(current()))
    // Its own histogram takes one duration at a time; these come counted. The registry asks for no more than this.
    const metric = { name, get: async () => ({ ...series, name, values: values() }) }
    registry.registerMetric(metric as unknown as Gauge)
    return
  }
  const { help, labels = [], read } = series
  const common = { name, help, labelNames: [...labels], registers: [registry] }
  if (series.type === 'gauge')
    new Gauge({
      ...common,
      collect() {
        this.reset()
        for (const [value, of = {}] of read(current())) this.set(of, value)
      },
    })
  else
    new Counter({
      ...common,
      collect() {
        this.reset()
        for (const [value, of = {}] of read(current())) this.inc(of, value)
      },
    })
}
