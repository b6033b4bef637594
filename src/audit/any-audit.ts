import type { NewAudit } from '../store/audit-records.ts'

/**
 * The room of the audit: who did what, or tried to, gathered, folded and written to the database and as lines
 * of text. It is told of everything and decides nothing.
 */
export type AuditEvent = Omit<NewAudit, 'times' | 'lastAt' | 'from' | 'detail'> & {
  readonly from?: string | undefined
  readonly detail?: string | undefined
}

/** What is told of what was done; it never throws, and never waits. */
export type AnyAudit = { note(event: AuditEvent): void }
