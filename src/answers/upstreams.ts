import type { TestStep } from '../upstream/test-step.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'

/** `GET /api/v1/upstreams`: as they are now. For who may not see names, without accounts and addresses. */
export type UpstreamsAnswer = { readonly upstreams: readonly UpstreamState[] }

/** Why a request to an upstream came to nothing. */
export type FailureCounts = {
  /** It said that there were too many. */
  readonly limited: number
  /** No answer, a broken one, or a 5xx. */
  readonly unavailable: number
  /** An answer that can't be right. */
  readonly invalid: number
  /** It refused us, or our login; that says nothing against it. */
  readonly denied: number
}

/** `GET /api/v1/upstreams/history?since=&upstream=`: of all of them in some fifty slots, of one in up to a hundred. */
export type UpstreamHistoryAnswer = {
  /** ISO 8601, as all times. */
  readonly since: string
  readonly until: string
  /** How long each slot is. */
  readonly slotSeconds: number
  readonly upstreams: readonly UpstreamHistory[]
}

export type UpstreamHistory = {
  readonly name: string
  readonly totals: SlotTotals
  /** When it answered last within that time. */
  readonly answeredAt?: string
  /** Tags that are known, and of these, how many are past their time: the next pull has them checked. */
  readonly tags?: { readonly kept: number; readonly due: number }
  readonly urls: readonly UrlHistory[]
  /** The latest first, and only of one upstream that is asked for. */
  readonly troubles?: readonly UpstreamTrouble[]
}

export type UrlHistory = { readonly url: string; readonly slots: readonly HistorySlot[] }

export type SlotTotals = {
  readonly requests: number
  /** Of these, those that upstream couldn't answer; `denied` isn't among them. */
  readonly failed: number
  readonly failures: FailureCounts
  readonly bytes: number
  /** Of the time to the first byte, estimated from a histogram; undefined where nothing was answered. */
  readonly p50Ms?: number
  readonly p95Ms?: number
  /** For so long it wasn't asked, since it didn't answer, or wanted to be left alone. */
  readonly downSeconds: number
  readonly limitedSeconds: number
}

/** One in which nothing happened isn't there. */
export type HistorySlot = SlotTotals & { readonly at: string }

export type UpstreamTrouble = {
  /** `down` and `up`: from then on it wasn't asked any more, and was asked again. */
  readonly kind: keyof FailureCounts | 'down' | 'up'
  readonly url: string
  readonly message: string
  /** What was asked for, where the asker may pull that. */
  readonly repository?: string
  readonly firstAt: string
  readonly lastAt: string
  readonly times: number
}

/** `POST /api/v1/upstreams/test` with `{"upstream": "ghcr.io"}`. */
export type UpstreamTestAnswer = {
  readonly upstream: string
  readonly urls: readonly {
    readonly url: string
    /** In order, up to the first that failed. */
    readonly steps: readonly TestStep[]
  }[]
}
