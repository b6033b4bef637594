/**
 * What upstreams said of their limits on pulls, over time: of each account the last word and the lowest number in
 * slots of some minutes. All times are milliseconds since 1970, given by the caller.
 */
export interface BudgetRecords {
  /**
   * All of them or none. One takes the place of what is there of its slot; and what is there of later slots goes,
   * since the clock was set back.
   */
  recordBudgets(samples: readonly BudgetSample[]): Promise<void>
  /** Of one account, in the order of time. */
  listBudgets(query: BudgetQuery): Promise<readonly BudgetSample[]>
  /** The last of each account. */
  listLastBudgets(): Promise<readonly BudgetSample[]>
  /** Removes the oldest, some at a time with pauses between; gives how many. */
  trimBudgets(bounds: BudgetBounds): Promise<number>
}

export type BudgetSample = {
  readonly upstream: string
  /** Whom upstream counts pulls for, as it said itself or as we know it. */
  readonly account: string
  /** When the slot began. */
  readonly at: number
  /** When the last word in it was heard. */
  readonly heardAt: number
  readonly limit: number
  /** As it was heard last. */
  readonly remaining: number
  /** In the slot. */
  readonly lowest: number
  readonly windowSeconds: number
}

export type BudgetQuery = {
  readonly upstream: string
  readonly account: string
  /** Slots that began then or later. */
  readonly since: number
}

export type BudgetBounds = {
  /** Slots that began earlier go. */
  readonly before: number
  /** So many stay at most, of all accounts together. */
  readonly most: number
}
