/** `GET /api/v1/budget?since=`: of each upstream that said something of its limit on pulls. */
export type BudgetAnswer = { readonly upstreams: readonly UpstreamBudgetAnswer[] }

export type UpstreamBudgetAnswer = {
  readonly name: string
  readonly accounts: readonly AccountBudgetAnswer[]
  /** Who used it since then; `clients` only for who may see names. */
  readonly users: {
    readonly since?: string | undefined
    readonly clients?: readonly { readonly client: string; readonly pulls: number }[]
    readonly images: readonly { readonly image: string; readonly pulls: number }[]
  }
}

export type AccountBudgetAnswer = {
  readonly account: string
  readonly limit: number
  readonly remaining: number
  readonly windowSeconds: number
  /** ISO 8601, as all times. */
  readonly heardAt?: string | undefined
  readonly forecast?: ForecastAnswer | undefined
  /** The earliest first. */
  readonly samples: readonly {
    readonly at?: string | undefined
    readonly limit: number
    readonly remaining: number
    /** In its slot. */
    readonly lowest: number
  }[]
}

export type ForecastAnswer = {
  readonly state: 'enough' | 'running-out' | 'used-up'
  /** Of late. */
  readonly pullsPerHour: number
  readonly usedUpAt?: string | undefined
  readonly backBy?: string | undefined
}
