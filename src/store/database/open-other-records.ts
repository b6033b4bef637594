// Who may do what and did what, and what others say or are told.
import type { AccessRecords } from '../access-records.ts'
import type { AuditRecords } from '../audit-records.ts'
import type { BudgetRecords } from '../budget-records.ts'
import type { ChronicleRecords } from '../chronicle-records.ts'
import type { WebhookRecords } from '../webhook-records.ts'
import { DatabaseAccessRecords } from './access-records.ts'
import { DatabaseAuditRecords } from './audit-records.ts'
import { DatabaseBudgetRecords } from './budget-records.ts'
import { DatabaseChronicleRecords } from './chronicle-records.ts'
import type { Database } from './database.ts'
import type { LedgerReader } from './ledger-reader.ts'
import { DatabaseWebhookRecords } from './webhook-records.ts'

export function openAccessRecords(database: Database): AccessRecords {
  const records = new DatabaseAccessRecords(database)
  return {
    addToken: (token) => records.addToken(token),
    findToken: (id) => records.findToken(id),
    listTokens: (kinds) => records.listTokens(kinds),
    removeToken: (name) => records.removeToken(name),
    removeTokensOf: (user) => records.removeTokensOf(user),
    removeEndedSessions: (endedBefore) => records.removeEndedSessions(endedBefore),
    noteTokenUses: (uses) => records.noteTokenUses(uses),
    noteUserLogins: (logins) => records.noteUserLogins(logins),
    listUserLogins: () => records.listUserLogins(),
    removeUserLogin: (name) => records.removeUserLogin(name),
    listSigningKeys: () => records.listSigningKeys(),
    addSigningKey: (key) => records.addSigningKey(key),
    removeSigningKeys: (madeBefore) => records.removeSigningKeys(madeBefore),
  }
}

export function openAuditRecords(database: Database): AuditRecords {
  const records = new DatabaseAuditRecords(database)
  return {
    recordAudit: (batch) => records.recordAudit(batch),
    listAudit: (query, page) => records.listAudit(query, page),
    listNewestAudit: (query, page) => records.listNewestAudit(query, page),
    findAuditStart: (query, count) => records.findAuditStart(query, count),
    trimAudit: (bounds) => records.trimAudit(bounds),
  }
}

export function openBudgetRecords(database: Database): BudgetRecords {
  const records = new DatabaseBudgetRecords(database)
  return {
    recordBudgets: (samples) => records.recordBudgets(samples),
    listBudgets: (query) => records.listBudgets(query),
    listLastBudgets: () => records.listLastBudgets(),
    trimBudgets: (bounds) => records.trimBudgets(bounds),
  }
}

/** `reader` answers what takes long. */
export function openChronicleRecords(
  database: Database,
  reader: Pick<LedgerReader, 'ask'>,
): ChronicleRecords {
  const records = new DatabaseChronicleRecords(database)
  return {
    addChronicle: (batch) => records.addChronicle(batch),
    sumSlots: (query) => reader.ask({ what: 'slots', query }),
    listTroubles: (upstream) => records.listTroubles(upstream),
    countTags: (dueBefore) => reader.ask({ what: 'tag-counts', dueBefore }),
    trimChronicle: (bounds) => records.trimChronicle(bounds),
  }
}

export function openWebhookRecords(database: Database): WebhookRecords {
  const records = new DatabaseWebhookRecords(database)
  return {
    addDeliveries: (added, bounds) => records.addDeliveries(added, bounds),
    findDelivery: (hook) => records.findDelivery(hook),
    removeDelivery: (id) => records.removeDelivery(id),
    removeOldDeliveries: (hook, before) => records.removeOldDeliveries(hook, before),
    keepDeliveriesOf: (hooks) => records.keepDeliveriesOf(hooks),
  }
}
