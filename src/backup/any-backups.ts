import type { Problem } from './backup-error.ts'
import type { BackupProgress, BackupSummary } from './make-backup.ts'

/** Backups of a running server, into the folder that mirrors.yaml names; from the thread they live in or from another. */
export interface AnyBackups {
  describe(): Promise<BackupsState>
  /** Begins one there under this name, or renews it. Throws RegistryError. */
  start(name: string): Promise<void>
  /** False where none is under way. Resolves when it has ended; a backup that was there before is as it was. */
  stop(): Promise<boolean>
}

export type BackupsState = {
  /** In which they lie; undefined where mirrors.yaml names none. */
  readonly folder: string | undefined
  readonly backups: readonly KeptBackup[]
  /** Why they can't be listed. */
  readonly fault: string | undefined
  readonly running: RunningBackup | undefined
  /** Since the server started. */
  readonly last: EndedBackup | undefined
}

export type KeptBackup = {
  readonly name: string
  /** `unfinished`: none was ever finished there. `unreadable`: another version's, or damaged. */
  readonly state: 'whole' | 'unfinished' | 'unreadable'
  /** Of what is whole; what was pushed before `endsAt` is in it. */
  readonly endsAt: string | undefined
  readonly blobs: number | undefined
  readonly bytes: number | undefined
}

export type RunningBackup = {
  readonly name: string
  readonly startedAt: number
  readonly progress: BackupProgress | undefined
  readonly problems: number
}

export type EndedBackup = {
  readonly name: string
  readonly startedAt: number
  readonly endedAt: number
  readonly state: 'done' | 'stopped' | 'failed'
  readonly summary: BackupSummary | undefined
  /** The first of the blobs that couldn't be had. */
  readonly problems: readonly Problem[]
  /** Why it failed. */
  readonly error: string | undefined
}
