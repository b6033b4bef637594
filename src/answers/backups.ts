/** `GET /api/v1/backups`. */
export type BackupsAnswer = {
  /** In which they lie; undefined where mirrors.yaml names none. */
  readonly folder?: string | undefined
  /** Why they can't be listed. */
  readonly fault?: string | undefined
  readonly backups: readonly BackupAnswer[]
  readonly running?: RunningBackupAnswer | undefined
  /** The one that ended last, since the server started. */
  readonly last?: EndedBackupAnswer | undefined
}

export type BackupAnswer = {
  readonly name: string
  /** `unfinished`: none was ever finished there. `unreadable`: another version's, or damaged. */
  readonly state: 'whole' | 'unfinished' | 'unreadable'
  /** What was pushed before is in it; ISO 8601, as all times. */
  readonly endsAt?: string | undefined
  readonly blobs?: number | undefined
  readonly bytes?: number | undefined
}

export type RunningBackupAnswer = {
  readonly name: string
  readonly startedAt: string
  /** Undefined before it has told of any. */
  readonly step?: 'blobs' | 'database' | 'new blobs' | 'old blobs' | undefined
  /** Looked at in this step. */
  readonly blobs: number
  readonly problems: number
}

export type EndedBackupAnswer = {
  readonly name: string
  readonly startedAt: string
  readonly endedAt: string
  readonly state: 'done' | 'stopped' | 'failed'
  readonly error?: string | undefined
  /** That it holds; and of these, written by it. */
  readonly blobs?: number | undefined
  readonly bytes?: number | undefined
  readonly newBytes?: number | undefined
  /** The first of the blobs that couldn't be had. */
  readonly problems: readonly { readonly digest: string; readonly what: string }[]
}
