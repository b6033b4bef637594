// What the server's API tells of upstreams' limits on pulls. Times are as ISO 8601 has them.

export type BudgetAnswer = { readonly upstreams: readonly UpstreamLimits[] }

export type UpstreamLimits = {
  readonly name: string
  readonly accounts: readonly AccountLimit[]
  readonly users: {
    readonly since: string
    /** Missing where they aren't for whoever asks. */
    readonly clients?: readonly { readonly client: string; readonly pulls: number }[]
    readonly images: readonly { readonly image: string; readonly pulls: number }[]
  }
}

export type AccountLimit = {
  readonly account: string
  readonly limit: number
  readonly remaining: number
  readonly windowSeconds: number
  readonly heardAt: string
  readonly forecast?: ForecastAnswer
  readonly samples: readonly SampleAnswer[]
}

export type ForecastAnswer = { readonly pullsPerHour: number } & (
  | { readonly state: 'enough' }
  | { readonly state: 'running-out'; readonly usedUpAt: string }
  | { readonly state: 'used-up'; readonly backBy?: string }
)

export type SampleAnswer = {
  readonly at: string
  readonly limit: number
  readonly remaining: number
  readonly lowest: number
}
