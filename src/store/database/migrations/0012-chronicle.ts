import { type Kysely, sql } from 'kysely'

const counters = [
  'requests',
  'limited',
  'unavailable',
  'invalid',
  'denied',
  'bytes',
  'down_ms',
  'limited_ms',
  ...Array.from({ length: 13 }, (_, index) => `took${index}`),
]

/** How upstreams did: a row for each URL and slot in which anything happened, and the last of what went wrong. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const columns = counters.map((name) => `${name} bigint not null`).join(', ')
  await sql`create table upstream_slots (
    slot_ms bigint not null,
    at bigint not null,
    upstream text not null,
    url text not null,
    answered_at bigint not null,
    ${sql.raw(columns)},
    primary key (slot_ms, at, upstream, url)) without rowid`.execute(db)
  await sql`create table upstream_troubles (
    id integer primary key autoincrement,
    upstream text not null,
    url text not null,
    kind text not null,
    repository text not null,
    message text not null,
    first_at bigint not null,
    last_at bigint not null,
    times bigint not null)`.execute(db)
  // Of each upstream so many are kept.
  await sql`create index upstream_troubles_of on upstream_troubles (upstream, id)`.execute(db)
}
