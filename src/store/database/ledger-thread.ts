// The code of a thread that reads the ledger while others go on writing it: a report over a year takes some
// tenths of a second. It answers one question after the other until it is ended.
import { parentPort, workerData } from 'node:worker_threads'
import SqliteDriver from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { answerFrom, type LedgerQuestion } from './ledger-questions.ts'
import type { Schema } from './schema.ts'

export type LedgerThreadData = { readonly file: string }
export type AskedQuestion = { readonly id: number; readonly question: LedgerQuestion }
export type GivenAnswer =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: unknown }

const { file } = workerData as LedgerThreadData
const database = new SqliteDriver(file, { readonly: true, fileMustExist: true })
const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database }) })

parentPort?.on('message', ({ id, question }: AskedQuestion) => {
  answerFrom(db, question).then(
    (answer) => parentPort?.postMessage({ id, answer } satisfies GivenAnswer, buffersOf(answer)),
    (error: unknown) => parentPort?.postMessage({ id, error } satisfies GivenAnswer),
  )
})

/** What needn't be copied. */
function buffersOf(answer: unknown): ArrayBuffer[] {
  const { cells } = (answer ?? {}) as { cells?: Float64Array<ArrayBuffer> }
  return cells ? [cells.buffer] : []
}
