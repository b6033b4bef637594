import type { VerifyFinding, VerifyRun } from '../store/verify-records.ts'

/** Verification by hand, and what it and the background found; from the thread it lives in or from another. */
export interface AnyVerification {
  describe(): Promise<VerifyState>
  /** Throws RegistryError where one is under way. With `isRepair`, puts right what can be. */
  start(options: { isRepair: boolean }): Promise<void>
  /** False where none is under way. Resolves when it has ended. */
  stop(): Promise<boolean>
}

export type VerifyState = {
  readonly running: RunningVerify | undefined
  /** That have ended, the newest first. */
  readonly runs: readonly VerifyRun[]
  /** The newest first, of the one under way too. */
  readonly findings: readonly VerifyFinding[]
}

export type RunningVerify = Pick<
  VerifyRun,
  'startedAt' | 'isRepair' | 'files' | 'bytes' | 'totalBytes' | 'found' | 'healed'
>
