import type { BenchImage } from '../image.ts'
import type { RunningServer, ServerName } from '../servers/server.ts'

/** What one measurement of one server is given. */
export interface Target {
  readonly server: RunningServer
  readonly image: BenchImage
  readonly seconds: number
  readonly signal: AbortSignal
}

/** Metric key to value. A metric that this machine can't measure is left out. */
export type Sample = Readonly<Record<string, number>>

/** For each peer that something is wanted of. */
export type Goals = Readonly<Partial<Record<ServerName, number>>>

export interface Metric {
  readonly key: string
  readonly title: string
  readonly format: (value: number) => string
  /** Entrepot's median over a peer's has to be at least this. */
  readonly atLeast?: Goals
  /** Entrepot's median over a peer's has to be at most this. */
  readonly atMost?: Goals
  /** Entrepot's median may be so much higher than a peer's, in the metric's own unit. */
  readonly within?: Goals
  /** Entrepot's own median has to be below this. */
  readonly below?: number
}

export interface Case {
  readonly name: string
  /** The first one is what the progress line shows. */
  readonly metrics: readonly [Metric, ...Metric[]]
  /** How many of the rounds it is measured in, 0 to 1, rounded up; long ones in fewer. */
  readonly roundShare?: number
  /** Where each measurement is of something new, there is nothing to warm up. */
  readonly skipsWarmUp?: true
  readonly measure: (target: Target) => Promise<Sample>
}

/** What `--only` chooses: cases that belong together, in one file. */
export interface Part {
  readonly name: string
  readonly cases: readonly Case[]
}
