import type { AnyConfiguration } from '../config/any-configuration.ts'
import type { AuditRecords } from '../store/audit-records.ts'
import type { AnyAccounts } from './any-accounts.ts'

/** What an admin looks after: who may log in, who did what, and what the server goes by. */
export type AnyAdministration = {
  readonly accounts: AnyAccounts
  readonly history: Pick<AuditRecords, 'listNewestAudit'>
  readonly configuration: AnyConfiguration
}
