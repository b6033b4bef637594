/** What a line allows. What is left out has no limit. */
export interface LineLimits {
  /** For all connections together. */
  readonly bytesPerSecond?: number
  /** For each connection. */
  readonly connectionBytesPerSecond?: number
  /** Until an answer can begin after its request, and before that once for a new connection. */
  readonly roundTripMs?: number
}

/** What passed a line since its limits were set. */
export interface LineCounts {
  readonly connections: number
  readonly gets: number
  readonly heads: number
  /** Of answers, without their heads. */
  readonly bodyBytes: number
}

/** Where a line begins and ends, for the process that is the line. */
export interface LineRoute {
  readonly listen: Address
  readonly upstream: Address
  readonly limits: LineLimits
}

/** Port 0 to listen on means any free one. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** What the bench asks of the process; it answers each with the counts until then. */
export type LineRequest = { readonly limit: LineLimits } | 'read'
