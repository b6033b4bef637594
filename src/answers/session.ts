/** `GET /api/v1/session`: who asks. */
export type SessionAnswer = {
  readonly kind: 'anonymous' | 'user' | 'token' | 'operator'
  readonly name?: string
  /** Whether he may do all that the API can do. */
  readonly admin: boolean
  /** Whether anybody can log in here. */
  readonly canLogIn: boolean
}
