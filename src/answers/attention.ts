/** What needs a person, until it is over or somebody has seen to it. */
export type AttentionKind =
  | 'disk-high'
  | 'upstream-down'
  | 'verification-failed'
  | 'configuration-refused'
  | 'offline'

/** `GET /api/v1/attention`: the worst first. */
export type AttentionAnswer = { readonly attention: readonly Attention[] }

export type Attention = {
  readonly kind: AttentionKind
  readonly severity: 'error' | 'warning'
  /** One sentence: what is wrong. */
  readonly what: string
  /** One sentence: what to do. */
  readonly advice: string
  /** ISO 8601. */
  readonly since: string
}
