import { type Kysely, sql } from 'kysely'

/** What a private registry must remember of what was pushed to it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Since an image was pushed to it, also once it has none any more.
  await db.schema.alterTable('repositories').addColumn('hosted_since', 'bigint').execute()
  // Of what was pushed, since when; null for what an upstream serves.
  await db.schema.alterTable('repository_blobs').addColumn('linked_at', 'bigint').execute()
  await db.schema.alterTable('repository_blobs').addColumn('size_bytes', 'bigint').execute()
  await db.schema.alterTable('manifests').addColumn('annotations', 'text').execute()
  // Last; null for what was mirrored.
  await db.schema.alterTable('images').addColumn('pushed_at', 'bigint').execute()
  await sql`create index manifests_subject on manifests (subject, digest) where subject is not null`.execute(
    db,
  )
  // How large a repository is, without a look at each of its blobs.
  await sql`create index repository_blobs_sizes on repository_blobs (repository_id, size_bytes)
    where size_bytes is not null`.execute(db)
  await sql`create index repository_blobs_digest on repository_blobs (digest)`.execute(db)
  await sql`create index images_digest on images (digest)`.execute(db)
  // The tags of an image, without a look at all of its repository.
  await sql`create index tags_digest on tags (repository_id, digest, tag, checked_at)`.execute(db)
  // What the collector goes through, among what was mirrored.
  await sql`create index repository_blobs_pushed on repository_blobs (repository_id, digest)
    where linked_at is not null`.execute(db)
  await sql`create index blobs_pushed on blobs (digest) where upstream = ''`.execute(db)
  // As they are listed. Byte order is SQLite's own; elsewhere it has to be said (collate "C").
  await sql`create index repositories_listed on repositories
    ((case when upstream = '' then name else upstream || '/' || name end))`.execute(db)
}
