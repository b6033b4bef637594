/** `GET /api/v1/verify`. */
export type VerifyAnswer = {
  /** Undefined while none is under way. */
  readonly running?: RunningVerifyAnswer | undefined
  /** That have ended, the newest first. */
  readonly runs: readonly VerifyRunAnswer[]
  /** The newest first: what runs found, and what the background did. */
  readonly findings: readonly VerifyFindingAnswer[]
}

export type RunningVerifyAnswer = {
  /** ISO 8601, as all times. */
  readonly startedAt: string
  /** Whether it puts right what can be. */
  readonly repair: boolean
  /** That were read. */
  readonly files: number
  readonly bytes: number
  /** As it was known in the beginning. */
  readonly totalBytes: number
  readonly found: number
  readonly healed: number
}

export type VerifyRunAnswer = RunningVerifyAnswer & {
  readonly endedAt: string
  readonly state: 'done' | 'stopped' | 'failed'
  readonly error?: string | undefined
}

export type VerifyFindingAnswer = {
  readonly at: string
  readonly by: 'verify' | 'background'
  /** A digest, or the name of a file that is none. */
  readonly what: string
  readonly finding: string
  /** What was done about it, if anything was to be. */
  readonly outcome?: string | undefined
  /** Whether nothing is left to do. */
  readonly healed: boolean
  /** The first of those that need it. */
  readonly images: readonly string[]
}
