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

export interface Metric {
  readonly key: string
  readonly title: string
  readonly format: (value: number) => string
  /** Entrepot's median over a peer's has to be at least this. */
  readonly atLeast?: Readonly<Partial<Record<ServerName, number>>>
  /** Entrepot's own median has to be below this. */
  readonly below?: number
}

export interface Case {
  readonly name: string
  /** The first one is what the progress line shows. */
  readonly metrics: readonly [Metric, ...Metric[]]
  readonly measure: (target: Target) => Promise<Sample>
}

/** What `--only` chooses: cases that belong together, in one file. */
export interface Part {
  readonly name: string
  readonly cases: readonly Case[]
}
