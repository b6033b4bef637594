import { setImmediate } from 'node:timers/promises'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Schema } from './schema.ts'

/** How much was fetched in which minute. */
type Ages = Map<number, number>

type Place = { readonly repositoryId: number; readonly subject: string }
type Row = Place & { readonly fetchedAt: number; readonly bytes: number }

/** Some milliseconds. */
const rowsPerLook = 2_000
/** What a list takes besides its text. */
const rowBytes = 200
const minuteMs = 60_000
/** Of the most that they may take, what is left of them once it was passed. */
const leftShare = 0.75

const tables: readonly RawBuilder<Row>[] = [
  sql`(select repository_id, '' as subject, fetched_at, entries from tag_lists)`,
  sql`(select repository_id, subject, fetched_at, entries from referrer_lists)`,
]

/**
 * How much the lists that upstreams gave may take of the database: a registry chooses how long they are,
 * and whoever pulls from it of how many repositories. Beyond it those that were fetched longest ago go,
 * and are fetched again when somebody wants them.
 */
export class ListRoom {
  readonly #db: Kysely<Schema>
  readonly #maxBytes: number
  /** At most that much: what took the place of another list counts beside it until it is measured anew. */
  #bytes: number | undefined
  #trimming: Promise<void> | undefined

  constructor(db: Kysely<Schema>, maxBytes: number) {
    this.#db = db
    this.#maxBytes = maxBytes
  }

  /** A list was recorded. Resolves once they are no more than they may be. */
  async note(entries: string): Promise<void> {
    if (this.#bytes !== undefined) this.#bytes += Buffer.byteLength(entries) + rowBytes
    if (this.#bytes !== undefined && this.#bytes <= this.#maxBytes) return
    this.#trimming ??= this.#trim().finally(() => {
      this.#trimming = undefined
    })
    await this.#trimming
  }

  async #trim(): Promise<void> {
    const ages: Ages = new Map()
    await this.#go((rows) => {
      for (const { fetchedAt, bytes } of rows) {
        const minute = Math.floor(fetchedAt / minuteMs)
        ages.set(minute, (ages.get(minute) ?? 0) + bytes)
      }
    })
    const total = [...ages.values()].reduce((sum, bytes) => sum + bytes, 0)
    this.#bytes = total
    if (total <= this.#maxBytes) return
    const { minute, bytes } = findOldest(ages, total - this.#maxBytes * leftShare)
    await this.#go((rows) => this.#remove(rows.filter((row) => row.fetchedAt < minute * minuteMs)))
    this.#bytes = total - bytes
  }

  /** Through all lists, a few at a time; requests are served meanwhile. */
  async #go(visit: (rows: readonly Row[]) => void | Promise<void>): Promise<void> {
    for (const table of tables) {
      let after: Place = { repositoryId: -1, subject: '' }
      for (;;) {
        const { rows } = await sql<Row>`
          select repository_id as "repositoryId", subject, fetched_at as "fetchedAt",
            octet_length(entries) + ${sql.lit(rowBytes)} as bytes
          from ${table} lists
          where (repository_id, subject) > (${after.repositoryId}, ${after.subject})
          order by repository_id, subject limit ${rowsPerLook}`.execute(this.#db)
        await visit(rows)
        await setImmediate()
        const last = rows.at(-1)
        if (!last || rows.length < rowsPerLook) break
        after = last
      }
    }
  }

  async #remove(rows: readonly Row[]): Promise<void> {
    for (const { repositoryId, subject } of rows) {
      if (subject === '') {
        await this.#db.deleteFrom('tag_lists').where('repository_id', '=', repositoryId).execute()
        continue
      }
      await this.#db
        .deleteFrom('referrer_lists')
        .where('repository_id', '=', repositoryId)
        .where('subject', '=', subject)
        .execute()
    }
  }
}

/** Before which minute so much was fetched, or a little more, and how much. */
function findOldest(ages: Ages, wantedBytes: number): { minute: number; bytes: number } {
  let bytes = 0
  for (const minute of [...ages.keys()].sort((one, other) => one - other)) {
    if (bytes >= wantedBytes) return { minute, bytes }
    bytes += ages.get(minute) ?? 0
  }
  return { minute: Number.POSITIVE_INFINITY, bytes }
}
