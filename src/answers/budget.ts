/** `GET /api/v1/budget?since=`: of each upstream that said something of its limit on pulls. Times are ISO 8601. */
export type BudgetAnswer = { readonly upstreams: readonly UpstreamBudgetAnswer[] }

export type UpstreamBudgetAnswer = {
  readonly name: string
  readonly accounts: readonly AccountBudgetAnswer[]
  readonly users: {
    readonly since: string
    /** Missing where they aren't for whoever asks. */
    readonly clients?: readonly { readonly client: string; readonly pulls: number }[]
    readonly images: readonly { readonly image: string; readonly pulls: number }[]
  }
}

export type AccountBudgetAnswer = {
  readonly account: string
  readonly limit: number
  readonly remaining: number
  readonly windowSeconds: number
  readonly heardAt: string
  readonly forecast?: ForecastAnswer
  /** The earliest first. */
  readonly samples: readonly SampleAnswer[]
}

export type ForecastAnswer = { readonly pullsPerHour: number } & (
  | { readonly state: 'enough' }
  | { readonly state: 'running-out'; readonly usedUpAt: string }
  | { readonly state: 'used-up'; readonly backBy?: string | undefined }
)

export type SampleAnswer = {
  readonly at: string
  readonly limit: number
  readonly remaining: number
  /** In its slot. */
  readonly lowest: number
}
