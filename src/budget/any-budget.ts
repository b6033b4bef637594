import type { BudgetSample } from '../store/budget-records.ts'
import type { Forecast } from './forecast.ts'

/**
 * The room of upstreams' limits on pulls, Docker Hub's above all: what they said is left, over time, how long
 * it lasts, and who uses it. It is told of everything and decides nothing.
 */
export interface AnyBudget {
  /**
   * Of each upstream that said something since then or within its window, by name. Who used it is found out of
   * the ledger, at most some seconds ago.
   */
  describeBudget(since: number): Promise<readonly UpstreamBudget[]>
}

export type UpstreamBudget = {
  readonly upstream: string
  /** By name. */
  readonly accounts: readonly AccountBudget[]
  readonly use: BudgetUse
}

/** Times are milliseconds since 1970. */
export type AccountBudget = {
  /** As upstream names whom it counts for, or our login's user name, or `this address`; or `otherAccounts`. */
  readonly account: string
  readonly limit: number
  readonly remaining: number
  readonly windowSeconds: number
  readonly heardAt: number
  /** Undefined of `otherAccounts`, which have nothing in common. */
  readonly forecast: Forecast | undefined
  /** The earliest first. */
  readonly samples: readonly BudgetSample[]
}

/** Pulls that upstream counted, whoever's: it isn't known which of its accounts they were counted for. */
export type BudgetUse = {
  readonly since: number
  /** As reports name them, empty for the server itself; who used most first. */
  readonly clients: readonly { readonly client: string; readonly pulls: number }[]
  readonly images: readonly ImageUse[]
}

export type ImageUse = {
  readonly repository: string
  /** Empty where it was asked for by digest. */
  readonly tag: string
  readonly pulls: number
}

/** An account's limit is used up or will be within the hour; or, after that, it lasts again. */
export type BudgetNews = Pick<AccountBudget, 'account' | 'limit' | 'remaining'> & {
  readonly upstream: string
  readonly isShort: boolean
  readonly forecast: Forecast
}
