import { type DurationCounts, durationValues } from './duration-values.ts'
import type { Metric, Registry } from './prom-client.ts'

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
  const { help, type } = series
  const name = `${prefix}${series.name}`
  const get = async () => ({ name, help, type, values: valuesOf(name, series, current()) })
  // Its own metrics are told of each event, and keep what they were told; these are read, and a histogram comes
  // counted. The registry asks for no more than this.
  registry.registerMetric({ name, get } as unknown as Metric)
}

function valuesOf<Gathered>(name: string, series: Series<Gathered>, gathered: Gathered) {
  if (series.type === 'histogram') return durationValues(name, series.read(gathered))
  return [...series.read(gathered)].map(([value, labels = {}]) => ({ value, labels }))
}
