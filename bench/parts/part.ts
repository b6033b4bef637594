import type { BenchImage } from '../image.ts'
import type { RunningServer, ServerKind, ServerName, ServerSite } from '../servers/server.ts'
import type { Variant } from '../variants.ts'

/** What one measurement of one server is given. */
export interface Target {
  readonly server: RunningServer
  readonly image: BenchImage
  readonly seconds: number
  readonly signal: AbortSignal
}

/** What one measurement that starts its server itself is given. */
export interface SiteTarget {
  readonly kind: ServerKind
  /** Holds the image already, and nothing runs there. */
  readonly site: ServerSite
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

export type Case = RunningCase | StartingCase

interface CaseBase {
  readonly name: string
  /** The first one is what the progress line shows. */
  readonly metrics: readonly [Metric, ...Metric[]]
  /** Whom it is measured on; undefined means all. */
  readonly servers?: readonly ServerName[]
  /** How the servers are set up, where that isn't the default. */
  readonly variant?: Variant
  /** How many of the rounds it is measured in, 0 to 1, rounded up; long ones in fewer. */
  readonly roundShare?: number
}

/** Measures a server that runs on from case to case. */
export interface RunningCase extends CaseBase {
  /** Where a measurement takes long, and warming up would change little. */
  readonly skipsWarmUp?: boolean
  readonly measure: (target: Target) => Promise<Sample>
}

/** Starts the server for each measurement anew, and stops it again. */
export interface StartingCase extends CaseBase {
  readonly variant: Variant
  readonly measureStarting: (target: SiteTarget) => Promise<Sample>
  /** For what puts no load on the machine: all servers are measured at once. */
  readonly isQuiet?: boolean
}

/** What `--only` chooses: cases that belong together, in one file. */
export interface Part {
  readonly name: string
  readonly cases: readonly Case[]
}
