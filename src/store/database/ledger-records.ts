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
import { readMark, setMark } from './ledger-marks.ts'
import { imageNames, LedgerNames, partyNames } from './ledger-names.ts'
import { LedgerReader } from './ledger-reader.ts'
import { imagesOf, LedgerUpserts, partiesOf, toStored } from './ledger-rows.ts'
import { trimLedger } from './ledger-trimming.ts'
import { unpackSums } from './packed-sums.ts'
import type { Schema } from './schema.ts'

export class DatabaseLedgerRecords implements LedgerRecords {
  readonly #database: Database
  readonly #reader: LedgerReader
  readonly #parties = new LedgerNames(partyNames)
  readonly #images = new LedgerNames(imageNames)
  readonly #upserts = new LedgerUpserts()

  constructor(database: Database) {
    this.#database = database
    this.#reader = new LedgerReader(database.queries, database.sharedFile)
  }

  /** Not durable: what is lost with the last seconds isn't worth a wait for the disk every few seconds. */
  async addTraffic(batch: LedgerBatch): Promise<void> {
    const add = (transaction: Transaction<Schema>) => this.#add(transaction, batch)
    const remember = await this.#database.queries.transaction().execute(add)
    remember()
  }

  findLastBatch(): Promise<number> {
    return readMark(this.#database.queries, 'batch')
  }

  async sumTraffic(query: LedgerQuery): Promise<LedgerSums> {
    const packed = await this.#reader.ask({ what: 'sums', query })
    if (!packed) throw new LedgerSizeError()
    return unpackSums(packed)
  }

  async trimTraffic(bounds: LedgerBounds): Promise<number> {
    const countDays = () => this.#reader.ask({ what: 'days' })
    const removed = await trimLedger(this.#database.queries, bounds, countDays)
    this.#parties.forget()
    this.#images.forget()
    return removed
  }

  async close(): Promise<void> {
    await this.#reader.close()
  }

  /** Requests are served between two statements. */
  async #add(transaction: Transaction<Schema>, { id, rows }: LedgerBatch): Promise<() => void> {
    if (id <= (await readMark(transaction, 'batch'))) return () => {}
    const parties = await this.#parties.ensure(transaction, partiesOf(rows))
    const images = await this.#images.ensure(transaction, imagesOf(rows))
    const stored = toStored(rows, parties.ids, images.ids)
    for (const statement of this.#upserts.of(transaction, stored)) {
      await setImmediate()
      await transaction.executeQuery(statement)
    }
    await setMark(transaction, 'batch', id)
    return () => {
      parties.remember()
      images.remember()
    }
  }
}
