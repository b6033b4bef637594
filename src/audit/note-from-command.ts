import { userInfo } from 'node:os'
import type { Stores } from '../store/open-stores.ts'
import type { AuditEvent } from './any-audit.ts'
import { formatAuditLine } from './audit-line.ts'
import { boundEvent } from './bound-event.ts'

type Done = Pick<AuditEvent, 'what' | 'subject' | 'result'> & { readonly detail?: string }

/**
 * For a command that works in the data folder: what it did is recorded when this resolves, beside a running
 * server too. Rejects where that can't be done.
 */
export async function noteFromCommand(
  { audit, auditLines }: Pick<Stores, 'audit' | 'auditLines'>,
  { detail, ...done }: Done,
): Promise<void> {
  const at = Date.now()
  const by = `by ${findUserName()} on the command line`
  const text = detail === undefined ? by : `${by}: ${detail}`
  const event = boundEvent({ ...done, at, who: 'operator', detail: text })
  const record = { ...event, from: undefined, detail: event.detail, times: 1, lastAt: at }
  await audit.recordAudit({ added: [record], repeated: [] })
  await auditLines.append(formatAuditLine(record), at)
}

/** In a container its number may have no name. */
function findUserName(): string {
  try {
    return userInfo().username
  } catch {
    return `the user with id ${process.getuid?.() ?? 'unknown'}`
  }
}
