import { setImmediate } from 'node:timers/promises'
import type { Transaction } from 'kysely'
import {
  type LedgerBatch,
  type LedgerBounds,
  type LedgerQuery,
  type LedgerRecords,
  LedgerSizeError,
  type LedgerSums,
} from '../ledger-records.ts'
import type { Database } from './database.ts'
import type { DayCount } from './ledger-days.ts'
import { startOfDay } from './ledger-levels.ts'
import { type LedgerMarks, readMarks, setMark } from './ledger-marks.ts'
import { imageNames, LedgerNames, partyNames } from './ledger-names.ts'
import type { LedgerReader } from './ledger-reader.ts'
import {
  hourOf,
  imagesOf,
  inStatements,
  LedgerUpserts,
  partiesOf,
  toStored,
} from './ledger-rows.ts'
import { trimLedger } from './ledger-trimming.ts'
import { unpackSums } from './packed-sums.ts'
import type { Schema } from './schema.ts'

export class DatabaseLedgerRecords implements LedgerRecords {
  readonly #database: Database
  readonly #reader: LedgerReader
  readonly #parties = new LedgerNames(partyNames)
  readonly #images = new LedgerNames(imageNames)
  readonly #upserts = new LedgerUpserts()
  /** Counted once, and what was added since: some of it to rows that were there, and some is gone. */
  #rowsAtMost = Infinity

  constructor(database: Database, reader: LedgerReader) {
    this.#database = database
    this.#reader = reader
  }

  /** Not durable: what is lost with the last seconds isn't worth a wait for the disk every few seconds. */
  async addTraffic(batch: LedgerBatch): Promise<void> {
    const add = (transaction: Transaction<Schema>) => this.#add(transaction, batch)
    const remember = await this.#database.queries.transaction().execute(add)
    remember()
  }

  async findLastBatch(): Promise<number> {
    return (await readMarks(this.#database.queries)).batch
  }

  async sumTraffic(query: LedgerQuery): Promise<LedgerSums> {
    const packed = await this.#reader.ask({ what: 'sums', query })
    if (!packed) throw new LedgerSizeError()
    return unpackSums(packed)
  }

  async trimTraffic(bounds: LedgerBounds): Promise<number> {
    const countDays = () => this.#countDays(bounds.most)
    const { rows, names } = await trimLedger(this.#database.queries, bounds, countDays)
    if (names > 0) {
      this.#parties.forget()
      this.#images.forget()
    }
    return rows
  }

  /** Only where there may be more than `most`: to count a year takes a second, and reads all of it from the disk. */
  async #countDays(most: number): Promise<readonly DayCount[]> {
    if (this.#rowsAtMost <= most) return []
    const { rows, days } = await this.#reader.ask({ what: 'days', most })
    this.#rowsAtMost = rows
    return days
  }

  /** Requests are served between two statements. */
  async #add(transaction: Transaction<Schema>, { id, rows }: LedgerBatch): Promise<() => void> {
    const marks = await readMarks(transaction)
    if (id <= marks.batch) return () => {}
    const parties = await this.#parties.ensure(transaction, partiesOf(rows))
    const images = await this.#images.ensure(transaction, imagesOf(rows))
    const stored = toStored(rows, parties.ids, images.ids)
    this.#rowsAtMost += stored.length
    for (const some of inStatements(stored)) {
      await setImmediate()
      await this.#upserts.add(transaction, some)
    }
    await setMark(transaction, 'batch', id)
    await beginAnew(transaction, marks, rows)
    return () => {
      parties.remember()
      images.remember()
    }
  }
}

/**
 * What is counted now isn't older than what is kept: then the clock was years ahead, and is right again. There is
 * nothing of before, and all of what comes.
 */
async function beginAnew(
  transaction: Transaction<Schema>,
  { daysSince }: LedgerMarks,
  rows: LedgerBatch['rows'],
): Promise<void> {
  const first = rows.reduce((day, { at }) => Math.min(day, startOfDay(hourOf(at))), daysSince)
  if (first === daysSince) return
  await setMark(transaction, 'days-since', first)
  await setMark(transaction, 'hours-since', first)
}
