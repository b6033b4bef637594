import type { Insertable, Selectable } from 'kysely'
import type { VerifyFinding, VerifyRecords, VerifyRun } from '../verify-records.ts'
import { batches } from './batches.ts'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'

const mostRuns = 50
const mostFindings = 1_000
const rowsPerInsert = 100

export class DatabaseVerifyRecords implements VerifyRecords {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  async recordVerifyRun(run: VerifyRun): Promise<void> {
    await this.#database.queries.transaction().execute(async (transaction) => {
      const { id } = await transaction
        .insertInto('verify_runs')
        .values(toRunRow(run))
        .returning('id')
        .executeTakeFirstOrThrow()
      await transaction
        .deleteFrom('verify_runs')
        .where('id', '<=', id - mostRuns)
        .execute()
    })
  }

  async recordVerifyFindings(findings: readonly VerifyFinding[]): Promise<void> {
    for (const batch of batches(findings.slice(-mostFindings), rowsPerInsert)) {
      await this.#database.queries.transaction().execute(async (transaction) => {
        const ids = await transaction
          .insertInto('verify_findings')
          .values(batch.map(toFindingRow))
          .returning('id')
          .execute()
        const newest = Math.max(...ids.map(({ id }) => id))
        await transaction
          .deleteFrom('verify_findings')
          .where('id', '<=', newest - mostFindings)
          .execute()
      })
    }
  }

  async listVerifyRuns(limit: number): Promise<readonly VerifyRun[]> {
    const { queries } = this.#database
    const rows = await queries
      .selectFrom('verify_runs')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
    return rows.map(toRun)
  }

  async listVerifyFindings(limit: number): Promise<readonly VerifyFinding[]> {
    const { queries } = this.#database
    const rows = await queries
      .selectFrom('verify_findings')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
    return rows.map(toFinding)
  }
}

function toRunRow({ error, ...run }: VerifyRun): Insertable<Schema['verify_runs']> {
  return {
    started_at: run.startedAt,
    ended_at: run.endedAt,
    state: run.state,
    is_repair: run.isRepair ? 1 : 0,
    files: run.files,
    bytes: run.bytes,
    total_bytes: run.totalBytes,
    found: run.found,
    healed: run.healed,
    error: error ?? null,
  }
}

function toRun(row: Selectable<Schema['verify_runs']>): VerifyRun {
  const { files, bytes, found, healed, state } = row
  return {
    startedAt: row.started_at,
    endedAt: row.ended_at,
    state,
    isRepair: row.is_repair === 1,
    files,
    bytes,
    totalBytes: row.total_bytes,
    found,
    healed,
    error: row.error ?? undefined,
  }
}

function toFindingRow(found: VerifyFinding): Insertable<Schema['verify_findings']> {
  return {
    found_at: found.at,
    is_by_hand: found.isByHand ? 1 : 0,
    what: found.what,
    finding: found.finding,
    outcome: found.outcome ?? null,
    is_healed: found.isHealed ? 1 : 0,
    images: JSON.stringify(found.images),
  }
}

function toFinding(row: Selectable<Schema['verify_findings']>): VerifyFinding {
  const { what, finding, outcome } = row
  return {
    at: row.found_at,
    isByHand: row.is_by_hand === 1,
    what,
    finding,
    outcome: outcome ?? undefined,
    isHealed: row.is_healed === 1,
    images: JSON.parse(row.images) as readonly string[],
  }
}
