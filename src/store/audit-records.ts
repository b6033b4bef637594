/**
 * Who did what, or tried to. Nothing here changes what a record says, but for how often it happened; records
 * go only as `trimAudit` says. All times are milliseconds since 1970, given by the caller.
 */
export interface AuditRecords {
  /** All of it or nothing, durable when it is told so; gives the ids of what was added, in that order. */
  recordAudit(batch: AuditBatch): Promise<readonly number[]>
  /** In the order of their ids, which is the order in which they were added. */
  listAudit(query: AuditQuery, page: AuditPage): Promise<readonly AuditRecord[]>
  /** The newest first; in pieces, so that others are served while a million are looked through. */
  listNewestAudit(query: AuditQuery, page: NewestPage): Promise<readonly AuditRecord[]>
  /** The id with which the newest `count` of these begin; undefined where there are no more than that. */
  findAuditStart(query: AuditQuery, count: number): Promise<number | undefined>
  /** Removes the oldest, some at a time with pauses between; gives how many. */
  trimAudit(bounds: AuditBounds): Promise<number>
}

/** `lost` stands for records that couldn't be written. */
export const auditActions = [
  'login',
  'token-use',
  'push',
  'delete',
  'tag',
  'copy',
  'warm',
  'prune',
  'evict',
  'pin',
  'unpin',
  'offline',
  'verify',
  'backup',
  'configure',
  'user-add',
  'user-change',
  'user-remove',
  'token-create',
  'token-revoke',
  'key-rotate',
  'lost',
] as const
export type AuditAction = (typeof auditActions)[number]

export const auditResults = ['ok', 'denied', 'failed'] as const
export type AuditResult = (typeof auditResults)[number]

export type NewAudit = {
  readonly at: number
  /** `alice`, `alice (token laptop)`, `token ci`, `anonymous` or `operator`. */
  readonly who: string
  /** A client's address; undefined for the command line and the server itself. */
  readonly from: string | undefined
  readonly what: AuditAction
  /** To what it was done: an image, the name of a token or a user, a file. */
  readonly subject: string
  readonly result: AuditResult
  readonly detail: string | undefined
  /** How often it happened from `at` to `lastAt`. */
  readonly times: number
  readonly lastAt: number
}

export type AuditRecord = NewAudit & { readonly id: number }

export type AuditRepeat = {
  readonly id: number
  /** In all. */
  readonly times: number
  readonly lastAt: number
}

export type AuditBatch = {
  readonly added: readonly NewAudit[]
  readonly repeated: readonly AuditRepeat[]
}

/** What is undefined holds for all. */
export type AuditQuery = {
  /** Those that happened at this time or later, or again by then. */
  readonly since?: number | undefined
  /** Before this time. */
  readonly until?: number | undefined
  /** A user, with what tokens did for him; a token; or all of `who`. */
  readonly who?: string | undefined
  readonly from?: string | undefined
  /** What was done to a repository, or to an image of it. */
  readonly repository?: string | undefined
  readonly what?: readonly AuditAction[] | undefined
  readonly result?: AuditResult | undefined
}

export type AuditPage = {
  /** Those with a greater id. */
  readonly after: number
  readonly limit: number
}

export type NewestPage = {
  /** Those with a smaller id; all where it isn't said. */
  readonly before?: number | undefined
  readonly limit: number
}

export type AuditBounds = {
  /** What happened earlier goes. */
  readonly before: number
  /** Of each result so many stay: those who aren't let in don't push out what was done. */
  readonly most: Readonly<Record<AuditResult, number>>
}
