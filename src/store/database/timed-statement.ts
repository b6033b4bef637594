import type { SqliteStatement } from 'kysely'

/** Hears how long each query took, also one that failed. */
export type OnQuery = (ms: number) => void

/** A statement of which it is known how long it holds up the thread. */
export class TimedStatement implements SqliteStatement {
  readonly reader: boolean
  readonly #statement: SqliteStatement
  readonly #onQuery: OnQuery

  constructor(statement: SqliteStatement, onQuery: OnQuery) {
    this.reader = statement.reader
    this.#statement = statement
    this.#onQuery = onQuery
  }

  all(parameters: readonly unknown[]): unknown[] {
    return this.#time(() => this.#statement.all(parameters))
  }

  run(parameters: readonly unknown[]): ReturnType<SqliteStatement['run']> {
    return this.#time(() => this.#statement.run(parameters))
  }

  /** Rows come as whoever reads them likes, and that isn't timed. */
  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.#statement.iterate(parameters)
  }

  #time<T>(query: () => T): T {
    const startedAt = performance.now()
    try {
      return query()
    } finally {
      this.#onQuery(performance.now() - startedAt)
    }
  }
}
