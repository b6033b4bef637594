import type { UpstreamName } from '../oci/upstream-name.ts'
import type { LoginState } from './login-state.ts'

/** What is known of an upstream, fit for anyone to read: no address but its own, no secret. */
export type UpstreamState = {
  readonly name: UpstreamName
  readonly offline: boolean
  readonly blobs: { readonly underWay: number; readonly waiting: number }
  readonly urls: readonly UrlState[]
}

export type UrlState = {
  readonly url: string
  /** `limited`: it said how long it isn't to be asked; `down`: it is tried in the background. */
  readonly state: 'up' | 'down' | 'limited'
  readonly reason?: string
  readonly forSeconds?: number
  readonly retryAfterSeconds?: number
  readonly budget?: BudgetState
  readonly login: LoginState
}

export type BudgetState = {
  readonly limit: number
  readonly remaining: number
  readonly windowSeconds: number
  readonly source?: string
  readonly ageSeconds: number
}
