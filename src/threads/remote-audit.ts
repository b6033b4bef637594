import type { AnyAudit, AuditEvent } from '../audit/any-audit.ts'
import type { Calls } from './calls.ts'

/** What a serving thread may call in the main thread, where the audit is written. */
export type AuditCalls = { noteAudit(event: AuditEvent): void }

/** The audit as a serving thread has it. */
export class RemoteAudit implements AnyAudit {
  readonly #calls: Calls<AuditCalls>

  constructor(calls: Calls<AuditCalls>) {
    this.#calls = calls
  }

  note(event: AuditEvent): void {
    this.#calls.tell('noteAudit', event)
  }
}
