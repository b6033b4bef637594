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

/**
 * How much is kept of each upstream: a sum over a million rows would hold up requests. What a hosted
 * repository has counts as pushed, wherever it came from: it can't go.
 */
async function countUsage(db: Kysely<unknown>): Promise<void> {
  // Null where that is where it came from.
  await db.schema.alterTable('blobs').addColumn('counts_for', 'text').execute()
  await sql`update blobs set counts_for = '' where digest in (
    select digest from repository_blobs where linked_at is not null)`.execute(db)
  await db.schema
    .createTable('usage')
    .addColumn('upstream', 'text', (column) => column.primaryKey())
    .addColumn('blobs', 'bigint', (column) => column.notNull())
    .addColumn('bytes', 'bigint', (column) => column.notNull())
    .execute()
  await sql`insert into usage (upstream, blobs, bytes)
    select coalesce(counts_for, upstream), count(*), sum(size_bytes) from blobs
    group by coalesce(counts_for, upstream)`.execute(db)
  const add = (sign: '+' | '-', row: 'new' | 'old') => `
    insert into usage (upstream, blobs, bytes)
      values (coalesce(${row}.counts_for, ${row}.upstream), ${sign}1, ${sign}${row}.size_bytes)
    on conflict (upstream) do update
      set blobs = usage.blobs ${sign} 1, bytes = usage.bytes ${sign} ${row}.size_bytes;`
  await on(db, 'usage_added', 'insert on blobs', add('+', 'new'))
  await on(db, 'usage_removed', 'delete on blobs', add('-', 'old'))
  const change = 'update of size_bytes, upstream, counts_for on blobs'
  await on(db, 'usage_changed', change, add('-', 'old') + add('+', 'new'))
  await countLinks(db)
}

async function countLinks(db: Kysely<unknown>): Promise<void> {
  const isLinked = (row: string) => `when ${row}.linked_at is not null`
  const link = `update blobs set counts_for = '' 
      where digest = new.digest and coalesce(counts_for, upstream) <> '';`
  await on(db, 'link_added', 'insert on repository_blobs', link, isLinked('new'))
  await on(db, 'link_changed', 'update of linked_at on repository_blobs', link, isLinked('new'))
  // For an upstream of which an image needs it still, else for where it came from.
  const unlink = `
    update blobs set counts_for = (
      select repositories.upstream
        from (select manifest from manifest_children where child = old.digest limit 100) parents
        cross join images cross join repositories
        where images.digest = parents.manifest and repositories.id = images.repository_id
          and repositories.upstream <> ''
        order by repositories.upstream <> blobs.upstream limit 1)
      where digest = old.digest and coalesce(counts_for, upstream) = '' and not exists (
        select 1 from repository_blobs where digest = old.digest and linked_at is not null);`
  await on(db, 'link_removed', 'delete on repository_blobs', unlink, isLinked('old'))
}

/** `when` is a condition, with that word. */
function on(db: Kysely<unknown>, name: string, event: string, steps: string, when = '') {
  return sql.raw(`create trigger ${name} after ${event} ${when} begin ${steps} end`).execute(db)
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
