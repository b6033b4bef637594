/** `GET /api/v1/configuration`: what the server goes by. Holds no secret. */
export type ConfigurationAnswer = {
  /** Missing where the server was started without one. */
  readonly file?: string | undefined
  /** In the order of mirrors.yaml. */
  readonly settings: readonly SettingAnswer[]
  /** Keys whose new value only a restart takes up. */
  readonly waiting: readonly string[]
  /** The file is wrong now, since that time; what was in force before stays. */
  readonly refused?: RefusedAnswer | undefined
}

export type SettingAnswer = {
  /** As in code: `upstreams["docker.io"].tagTtl`. */
  readonly name: string
  /** As a person writes it; of a secret `set` or `not set`. */
  readonly value: string
  readonly secret: boolean
  readonly origin: 'default' | 'file' | 'environment'
  /** Of the file. */
  readonly line?: number | undefined
  /** That the file names there, where `origin` is `environment`. */
  readonly variables?: readonly string[] | undefined
  /** What the file says by now, and what only a restart takes up. */
  readonly afterRestart?: string | undefined
}

export type RefusedAnswer = {
  readonly at: string
  readonly problems: readonly {
    /** As `name` of a setting, or a line of the file. */
    readonly path: string
    readonly found: string
    readonly wanted: string
  }[]
}
