import { setImmediate } from 'node:timers/promises'
import {
  type ExpressionBuilder,
  type Kysely,
  type Selectable,
  type SqlBool,
  sql,
  type Transaction,
} from 'kysely'
import {
  type AuditBatch,
  type AuditBounds,
  type AuditPage,
  type AuditQuery,
  type AuditRecord,
  type AuditRecords,
  type AuditResult,
  auditResults,
  type NewAudit,
  type NewestPage,
} from '../audit-records.ts'
import type { Database } from './database.ts'
import { removeInPages } from './remove-in-pages.ts'
import type { Schema } from './schema.ts'

/** Some milliseconds of the thread that also serves: the driver is synchronous. */
const removedAtOnce = 200
const countedAtOnce = 10_000
const lookedAtAtOnce = 5_000

type Where = ExpressionBuilder<Schema, 'audit'>

export class DatabaseAuditRecords implements AuditRecords {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  recordAudit({ added, repeated }: AuditBatch): Promise<readonly number[]> {
    return this.#database.durably(async (transaction) => {
      for (const { id, times, lastAt } of repeated) {
        const counted = { times, last_at: lastAt }
        await transaction.updateTable('audit').set(counted).where('id', '=', id).execute()
      }
      const ids: number[] = []
      for (const record of added) ids.push(await add(transaction, record))
      return ids
    })
  }

  async listAudit(query: AuditQuery, { after, limit }: AuditPage): Promise<readonly AuditRecord[]> {
    const rows = await this.#database.queries
      .selectFrom('audit')
      .selectAll()
      .where((where) => matching(where, query))
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map(toRecord)
  }

  async listNewestAudit(
    query: AuditQuery,
    { before = Number.MAX_SAFE_INTEGER, limit }: NewestPage,
  ): Promise<readonly AuditRecord[]> {
    const found: AuditRecord[] = []
    for (let from = before; found.length < limit; ) {
      const top = await this.#findNewest(from)
      if (top === undefined) break
      const after = top - lookedAtAtOnce
      found.push(...(await this.#listBetween(query, { after, top, limit: limit - found.length })))
      from = after + 1
      await setImmediate()
    }
    return found
  }

  async #findNewest(before: number): Promise<number | undefined> {
    const row = await this.#database.queries
      .selectFrom('audit')
      .select('id')
      .where('id', '<', before)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst()
    return row?.id
  }

  async #listBetween(
    query: AuditQuery,
    { after, top, limit }: { after: number; top: number; limit: number },
  ): Promise<readonly AuditRecord[]> {
    const rows = await this.#database.queries
      .selectFrom('audit')
      .selectAll()
      .where((where) => matching(where, query))
      .where('id', '>', after)
      .where('id', '<=', top)
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
    return rows.map(toRecord)
  }

  async findAuditStart(query: AuditQuery, count: number): Promise<number | undefined> {
    const row = await this.#database.queries
      .selectFrom('audit')
      .select('id')
      .where((where) => matching(where, query))
      .orderBy('id', 'desc')
      .limit(1)
      .offset(count - 1)
      .executeTakeFirst()
    return row?.id
  }

  async trimAudit({ before, most }: AuditBounds): Promise<number> {
    const { queries } = this.#database
    let removed = await removeInPages(removedAtOnce, (limit) =>
      removeBefore(queries, before, limit),
    )
    for (const result of auditResults) {
      const last = await findBeyond(queries, result, most[result])
      if (last === undefined) continue
      removed += await removeInPages(removedAtOnce, (limit) =>
        removeUpTo(queries, { result, last, limit }),
      )
    }
    return removed
  }
}

async function add(transaction: Transaction<Schema>, record: NewAudit): Promise<number> {
  const { at, lastAt, times, who, from, what, subject, result, detail } = record
  const { id } = await transaction
    .insertInto('audit')
    .values({
      at,
      last_at: lastAt,
      times,
      who,
      client: from ?? null,
      what,
      subject,
      result,
      detail: detail ?? null,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

function matching(where: Where, query: AuditQuery) {
  const { since, until, who, from, repository, what, result } = query
  return where.and([
    ...(since === undefined ? [] : [where('last_at', '>=', since)]),
    ...(until === undefined ? [] : [where('at', '<', until)]),
    ...(who === undefined ? [] : [isOf(where, who)]),
    ...(from === undefined ? [] : [where('client', '=', from)]),
    ...(repository === undefined ? [] : [isAbout(where, repository)]),
    ...(what === undefined ? [] : [where('what', 'in', what)]),
    ...(result === undefined ? [] : [where('result', '=', result)]),
  ])
}

/** `alice` asks for `alice (token laptop)` too, and `ci` for `token ci`. */
function isOf(where: Where, who: string) {
  const acting = `${who} (token `
  return where.or([
    where('who', 'in', [who, `token ${who}`]),
    // No pattern: a name may have what would be one.
    sql<SqlBool>`substr(who, 1, ${acting.length}) = ${acting}`,
  ])
}

/** `team/app` asks for `team/app:1` and `team/app@sha256:…` too. */
function isAbout(where: Where, repository: string) {
  const beginnings = [`${repository}:`, `${repository}@`]
  return where.or([
    where('subject', '=', repository),
    // No pattern: a name may have what would be one.
    sql<SqlBool>`substr(subject, 1, ${repository.length + 1}) in (${sql.join(beginnings)})`,
  ])
}

async function removeBefore(db: Kysely<Schema>, before: number, limit: number): Promise<number> {
  const oldest = db.selectFrom('audit').select(['id', 'last_at']).orderBy('id').limit(limit)
  const { numDeletedRows } = await db
    .deleteFrom('audit')
    .where('id', 'in', (rows) =>
      rows.selectFrom(oldest.as('oldest')).select('oldest.id').where('oldest.last_at', '<', before),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

async function removeUpTo(
  db: Kysely<Schema>,
  {
    result,
    last,
    limit,
  }: { readonly result: AuditResult; readonly last: number; readonly limit: number },
): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('audit')
    .where('id', 'in', (rows) =>
      rows
        .selectFrom('audit')
        .select('id')
        .where('result', '=', result)
        .where('id', '<=', last)
        .orderBy('id')
        .limit(limit),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

/** The newest that is too much; counted back in pages, since a count of a million holds up requests. */
async function findBeyond(
  db: Kysely<Schema>,
  result: AuditResult,
  most: number,
): Promise<number | undefined> {
  let from = Number.MAX_SAFE_INTEGER
  for (let left = most; ; left -= countedAtOnce) {
    const row = await db
      .selectFrom('audit')
      .select('id')
      .where('result', '=', result)
      .where('id', '<', from)
      .orderBy('id', 'desc')
      .limit(1)
      .offset(Math.min(left, countedAtOnce - 1))
      .executeTakeFirst()
    if (row === undefined || left < countedAtOnce) return row?.id
    from = row.id
    await setImmediate()
  }
}

function toRecord(row: Selectable<Schema['audit']>): AuditRecord {
  return {
    id: row.id,
    at: row.at,
    lastAt: row.last_at,
    times: row.times,
    who: row.who,
    from: row.client ?? undefined,
    what: row.what as AuditRecord['what'],
    subject: row.subject,
    result: row.result as AuditResult,
    detail: row.detail ?? undefined,
  }
}
