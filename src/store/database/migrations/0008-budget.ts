import { type Kysely, sql } from 'kysely'

/** What upstreams said of their limits on pulls, a row for each account and slot in which any was heard. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table budget_samples (
    upstream text not null,
    account text not null,
    at bigint not null,
    heard_at bigint not null,
    pull_limit bigint not null,
    remaining bigint not null,
    lowest bigint not null,
    window_seconds bigint not null,
    primary key (upstream, account, at))`.execute(db)
  // The oldest go first.
  await sql`create index budget_samples_at on budget_samples (at)`.execute(db)
}
