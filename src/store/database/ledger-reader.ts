import { Worker } from 'node:worker_threads'
import type { Kysely } from 'kysely'
import { LedgerBusyError } from '../ledger-records.ts'
import { answerFrom, type LedgerAnswers, type LedgerQuestion } from './ledger-questions.ts'
import type { AskedQuestion, GivenAnswer, LedgerThreadData } from './ledger-thread.ts'
import { threadEntry } from './run-thread.ts'
import type { Schema } from './schema.ts'

/** Some megabytes, for a thread that the next report may need. */
const idleMs = 60_000
/** Each takes some tenths of a second. */
const maxWaiting = 50

/**
 * Answers questions about the ledger in a thread, which comes with the first and goes when none has come for a minute;
 * or here, of a database that no thread can open.
 */
export class LedgerReader {
  readonly #queries: Kysely<Schema>
  readonly #file: string | undefined
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>()
  #lastId = 0
  #worker: Worker | undefined
  #idleTimer: NodeJS.Timeout | undefined
  #ending: Promise<unknown> = Promise.resolve()
  #isClosed = false

  constructor(queries: Kysely<Schema>, file: string | undefined) {
    this.#queries = queries
    this.#file = file
  }

  async ask<Question extends LedgerQuestion>(
    question: Question,
  ): Promise<LedgerAnswers[Question['what']]> {
    if (this.#isClosed) throw new Error('the ledger is closed')
    const answer =
      this.#file === undefined
        ? answerFrom(this.#queries, question)
        : this.#askThread(this.#file, question)
    return (await answer) as LedgerAnswers[Question['what']]
  }

  /** What is asked is broken off, with an error. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#idleTimer)
    await this.#worker?.terminate()
    await this.#ending
  }

  #askThread(file: string, question: LedgerQuestion): Promise<unknown> {
    if (this.#asked.size >= maxWaiting) {
      throw new LedgerBusyError()
    }
    clearTimeout(this.#idleTimer)
    this.#worker ??= this.#start(file)
    const worker = this.#worker
    worker.ref()
    const id = ++this.#lastId
    const asked = Promise.withResolvers<unknown>()
    this.#asked.set(id, asked)
    worker.postMessage({ id, question } satisfies AskedQuestion)
    return asked.promise
  }

  #start(file: string): Worker {
    const name = 'ledger'
    const worker = new Worker(threadEntry(name), {
      workerData: { file } satisfies LedgerThreadData,
      name,
    })
    worker
      .on('message', (given: GivenAnswer) => this.#take(worker, given))
      .on('error', (error) => this.#end(worker, error))
      .on('exit', () => this.#end(worker, new Error('the thread that makes reports has ended')))
    return worker
  }

  #take(worker: Worker, given: GivenAnswer): void {
    const asked = this.#asked.get(given.id)
    this.#asked.delete(given.id)
    if ('error' in given) asked?.reject(given.error)
    else asked?.resolve(given.answer)
    if (this.#asked.size > 0 || this.#isClosed) return
    worker.unref()
    this.#idleTimer = setTimeout(() => this.#dismiss(worker), idleMs).unref()
  }

  /** What is asked from now on asks another. */
  #dismiss(worker: Worker): void {
    this.#worker = undefined
    this.#ending = worker.terminate()
  }

  /** All that it was asked it won't answer. */
  #end(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    for (const { reject } of this.#asked.values()) reject(error)
    this.#asked.clear()
  }
}
