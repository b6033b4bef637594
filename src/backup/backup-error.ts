/** A backup or a restore that can't be made so; `message` is for whoever asked for it, and says what to do. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}

/** A blob of which the content can't be had. */
export type Problem = { readonly digest: string; readonly what: string }
