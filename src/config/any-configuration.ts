import type { ConfigProblem } from './config-error.ts'
import type { Origin } from './origins.ts'

export type SettingInForce = {
  /** As in code: `upstreams["docker.io"].tagTtl`. */
  readonly name: string
  /** As a person writes it; of a secret whether it is set. */
  readonly value: string
  readonly isSecret: boolean
  readonly origin: Origin
  /** What the file says by now, and what only a restart takes up. */
  readonly afterRestart: string | undefined
}

export type ConfigurationInForce = {
  /** Undefined where the server was started without one. */
  readonly file: string | undefined
  /** In the order of mirrors.yaml. */
  readonly settings: readonly SettingInForce[]
  /** Keys that wait for a restart. */
  readonly waiting: readonly string[]
  /** Since when the file is wrong, and how; what was in force before stays. */
  readonly refused: { readonly at: number; readonly problems: readonly ConfigProblem[] } | undefined
}

/** The configuration as it is in force, for people to read. */
export interface AnyConfiguration {
  describeConfiguration(): Promise<ConfigurationInForce>
}
