import { type Kysely, sql } from 'kysely'

/** In the order of counterNames. */
const counters = [
  'tag_requests',
  'digest_requests',
  'blob_requests',
  'list_requests',
  'pulls',
  'served_bytes',
  'blob_ms',
  'fetches',
  'upstream_pulls',
  'fetched_bytes',
  'fetch_ms',
  'broken',
  'took0',
  'took1',
  'took2',
  'took3',
  'took4',
  'took5',
  'took6',
  'took7',
  'took_ms',
] as const

/**
 * Who pulled what, and what it cost. A row of 21 counters takes some 50 bytes: names are numbers, times are hours,
 * and SQLite keeps a 0 or a 1 in no byte of its own. Each sum is kept at several levels (see ledger-levels.ts).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const columns = counters.map((name) => sql`${sql.ref(name)} bigint not null`)
  await sql`create table ledger (
    level integer not null,
    hour integer not null,
    party integer not null,
    image integer not null,
    outcome integer not null,
    ${sql.join(columns)},
    primary key (level, hour, party, image, outcome)) without rowid`.execute(db)
  await sql`create table ledger_parties (
    id integer primary key autoincrement,
    client text not null,
    user_name text not null,
    last_hour integer not null,
    unique (client, user_name))`.execute(db)
  await sql`create table ledger_images (
    id integer primary key autoincrement,
    upstream text not null,
    repository text not null,
    tag text not null,
    last_hour integer not null,
    unique (upstream, repository, tag))`.execute(db)
  await sql`create table ledger_marks (name text primary key, value bigint not null)`.execute(db)
}
