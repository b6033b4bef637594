import { type Kysely, sql } from 'kysely'

/** What eviction goes by, and what it remembers; and when each blob was last found to be right. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await countUsage(db)
  // Since when its bytes are known to be right; null while nobody has read them again.
  await db.schema.alterTable('blobs').addColumn('verified_at', 'bigint').execute()
  await sql`create index blobs_verified on blobs (coalesce(verified_at, first_fetched_at), digest)`.execute(
    db,
  )
  // The coldest first, of what was mirrored.
  await sql`create index images_coldest on images (last_pulled_at, repository_id, digest)
    where pushed_at is null`.execute(db)
  await db.schema
    .createTable('pins')
    .addColumn('pattern', 'text', (column) => column.primaryKey())
    .addColumn('pinned_at', 'bigint', (column) => column.notNull())
    .execute()
  await rememberEvictions(db)
}

/** How much is kept of each upstream: a sum over a million rows would hold up requests. */
async function countUsage(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('usage')
    .addColumn('upstream', 'text', (column) => column.primaryKey())
    .addColumn('blobs', 'bigint', (column) => column.notNull())
    .addColumn('bytes', 'bigint', (column) => column.notNull())
    .execute()
  await sql`insert into usage (upstream, blobs, bytes)
    select upstream, count(*), sum(size_bytes) from blobs group by upstream`.execute(db)
  const add = (sign: '+' | '-', row: 'new' | 'old') => `
    insert into usage (upstream, blobs, bytes) values (${row}.upstream, ${sign}1, ${sign}${row}.size_bytes)
    on conflict (upstream) do update
      set blobs = usage.blobs ${sign} 1, bytes = usage.bytes ${sign} ${row}.size_bytes;`
  const on = (name: string, event: string, steps: string) =>
    sql.raw(`create trigger ${name} after ${event} on blobs begin ${steps} end`).execute(db)
  await on('usage_added', 'insert', add('+', 'new'))
  await on('usage_removed', 'delete', add('-', 'old'))
  await on('usage_changed', 'update of size_bytes, upstream', add('-', 'old') + add('+', 'new'))
}

async function rememberEvictions(db: Kysely<unknown>): Promise<void> {
  await sql`create table evictions (
    id integer primary key autoincrement,
    evicted_at bigint not null,
    upstream text not null,
    repository text not null,
    digest text not null,
    tags text not null,
    freed_bytes bigint not null,
    first_fetched_at bigint not null,
    last_pulled_at bigint not null,
    reason text not null)`.execute(db)
  await sql`create index evictions_digest on evictions (digest)`.execute(db)
  await sql`create index evictions_name on evictions (upstream, repository)`.execute(db)
  // What went with it, layers too.
  await sql`create table evicted_blobs (
    eviction_id bigint not null references evictions (id) on delete cascade,
    digest text not null,
    size_bytes bigint not null,
    primary key (digest, eviction_id))`.execute(db)
  await sql`create index evicted_blobs_eviction on evicted_blobs (eviction_id)`.execute(db)
}
