import type { TransportResponse } from './transport.ts'

/** What an upstream said of its limit on pulls (Docker Hub's `ratelimit-*` headers). */
export type Budget = {
  readonly limit: number
  readonly remaining: number
  readonly windowSeconds: number
  /** Whom it counts for: an address, or an account's id. */
  readonly source: string | undefined
  /** When it was said, by the monotonic clock. */
  readonly readAt: number
}

const lowShare = 0.1

/** `100;w=21600`: so many in so many seconds. */
const amountPattern = /^(\d{1,12})(?:\s*;\s*w=(\d{1,9}))?/

/** Undefined where the answer doesn't say. */
export function readBudget(
  { header }: Pick<TransportResponse, 'header'>,
  readAt: number,
): Budget | undefined {
  const [, limit, window] = amountPattern.exec(header('ratelimit-limit') ?? '') ?? []
  const [, remaining] = amountPattern.exec(header('ratelimit-remaining') ?? '') ?? []
  if (limit === undefined || remaining === undefined) return undefined
  const source = header('docker-ratelimit-source')?.slice(0, 100)
  const windowSeconds = window === undefined ? 21_600 : Number(window)
  return { limit: Number(limit), remaining: Number(remaining), windowSeconds, source, readAt }
}

/** Whether less than a tenth is left; what was said longer ago than its window says nothing. */
export function isLow(budget: Budget | undefined, at: number): boolean {
  if (!budget || at - budget.readAt > budget.windowSeconds * 1000) return false
  return budget.remaining < budget.limit * lowShare
}
