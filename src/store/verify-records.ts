/** What was verified, and what was wrong. The last some are remembered. All times are milliseconds since 1970. */
export interface VerifyRecords {
  recordVerifyRun(run: VerifyRun): Promise<void>
  /** One after the other. */
  recordVerifyFindings(findings: readonly VerifyFinding[]): Promise<void>
  /** The newest first. */
  listVerifyRuns(limit: number): Promise<readonly VerifyRun[]>
  /** The newest first. */
  listVerifyFindings(limit: number): Promise<readonly VerifyFinding[]>
}

export type VerifyRun = {
  readonly startedAt: number
  readonly endedAt: number
  readonly state: 'done' | 'stopped' | 'failed'
  readonly isRepair: boolean
  readonly files: number
  readonly bytes: number
  /** As it was known in the beginning. */
  readonly totalBytes: number
  readonly found: number
  readonly healed: number
  /** Why it failed. */
  readonly error: string | undefined
}

export type VerifyFinding = {
  readonly at: number
  /** Or by what goes on in the background. */
  readonly isByHand: boolean
  /** A digest, or the name of a file that is none. */
  readonly what: string
  readonly finding: string
  /** What was done about it, if anything was to be. */
  readonly outcome: string | undefined
  /** Whether nothing is left to do. */
  readonly isHealed: boolean
  /** The first of those that need it. */
  readonly images: readonly string[]
}
