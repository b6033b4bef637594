import SqliteDriver from 'better-sqlite3'
import { type Digest, isDigest } from '../../oci/digest.ts'
import { checkDatabase, DamagedDatabaseError } from './database-damage.ts'
import { toVersion } from './migrations/index.ts'

/** A blob that the database says is there. */
export type NamedBlob = { readonly digest: Digest; readonly sizeBytes: number }

/** What of a blob that isn't there must go, in this order. */
const removals = [
  `delete from tags where (repository_id, digest) in
    (select repository_id, digest from images where digest = ?)`,
  'delete from images where digest = ?',
  'delete from manifest_children where manifest = ?',
  'delete from manifests where digest = ?',
  'delete from repository_blobs where digest = ?',
  'delete from blobs where digest = ?',
] as const

/** A database of ours, as its file: one that a server uses, to look at, or a copy that nobody does. */
export class DatabaseFile {
  readonly #driver: SqliteDriver.Database

  private constructor(driver: SqliteDriver.Database) {
    this.#driver = driver
  }

  /** Throws where it isn't a database of ours. */
  static open(file: string): DatabaseFile {
    const driver = new SqliteDriver(file, { fileMustExist: true })
    try {
      driver.prepare('select 1 from blobs limit 1').get()
      return new DatabaseFile(driver)
    } catch (error) {
      driver.close()
      throw error
    }
  }

  /** The number of the last migration that had run. */
  get version(): number {
    const name = this.#driver.prepare('select max(name) from kysely_migration').pluck().get()
    return toVersion(String(name))
  }

  /** When it was made, as ISO 8601 has it: the same of its copies and of what becomes of it, and of no other. */
  get madeAt(): string {
    return String(this.#driver.prepare('select min(timestamp) from kysely_migration').pluck().get())
  }

  /** Reads all of it, also whether what it calls digests names blobs and no other files. Throws DamagedDatabaseError. */
  check(): void {
    checkDatabase(this.#driver)
    for (const digest of this.#driver.prepare('select digest from blobs').pluck().iterate()) {
      if (isDigest(String(digest))) continue
      throw new DamagedDatabaseError(`${JSON.stringify(digest)}, of a blob, is no digest`)
    }
  }

  /** The next `limit` that it names, by digest. */
  list(after: Digest | '', limit: number): readonly NamedBlob[] {
    return this.#driver
      .prepare<unknown[], NamedBlob>(
        'select digest, size_bytes as sizeBytes from blobs where digest > ? order by digest limit ?',
      )
      .all(after, limit)
  }

  count(): { readonly blobs: number; readonly bytes: number } {
    const sums = this.#driver
      .prepare<unknown[], { blobs: number; bytes: number }>(
        'select count(*) as blobs, coalesce(sum(size_bytes), 0) as bytes from blobs',
      )
      .get()
    if (!sums) throw new Error('the database gave no answer')
    return sums
  }

  /** Which of these it names. */
  findNamed(digests: readonly Digest[]): ReadonlySet<Digest> {
    const find = this.#driver.prepare('select 1 from blobs where digest = ?')
    return new Set(digests.filter((digest) => find.get(digest)))
  }

  /** Of these, what was pushed and some repository has. */
  findPushed(digests: readonly Digest[]): readonly Digest[] {
    const find = this.#driver.prepare(`
      select 1 from repository_blobs where digest = @digest and linked_at is not null
      union all select 1 from images where digest = @digest and pushed_at is not null limit 1`)
    return digests.filter((digest) => find.get({ digest }))
  }

  /** Takes out what it says of blobs that aren't there: they are fetched or pushed again some day. Of a copy only. */
  takeOut(digests: readonly Digest[]): void {
    const statements = removals.map((sql) => this.#driver.prepare(sql))
    const takeOut = this.#driver.transaction(() => {
      for (const digest of digests) for (const statement of statements) statement.run(digest)
    })
    takeOut()
  }

  /** What was taken out is on the disk then. */
  close(): void {
    this.#driver.close()
  }
}
