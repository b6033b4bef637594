import { type Kysely, sql } from 'kysely'

/** What a pull-through mirror must remember. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('repositories')
    .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('upstream', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addUniqueConstraint('repositories_name', ['upstream', 'name'])
    .execute()
  await createContent(db)
  await createImages(db)
  await createLists(db)
}

async function createContent(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('blobs')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('size_bytes', 'bigint', (column) => column.notNull())
    .addColumn('upstream', 'text', (column) => column.notNull())
    .addColumn('first_fetched_at', 'bigint', (column) => column.notNull())
    .addColumn('last_accessed_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('manifests')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('size_bytes', 'bigint', (column) => column.notNull())
    .addColumn('artifact_type', 'text')
    .addColumn('subject', 'text')
    .execute()
  await db.schema
    .createTable('manifest_children')
    .addColumn('manifest', 'text', (column) => column.notNull())
    .addColumn('child', 'text', (column) => column.notNull())
    .addColumn('media_type', 'text', (column) => column.notNull())
    .addColumn('size_bytes', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('manifest_children_key', ['manifest', 'child'])
    .execute()
  await sql`create index manifest_children_child on manifest_children (child, manifest)`.execute(db)
}

async function createImages(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('images')
    .addColumn('repository_id', 'integer', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('media_type', 'text', (column) => column.notNull())
    .addColumn('first_fetched_at', 'bigint', (column) => column.notNull())
    .addColumn('last_pulled_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('images_key', ['repository_id', 'digest'])
    .execute()
  await db.schema
    .createTable('repository_blobs')
    .addColumn('repository_id', 'integer', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('repository_blobs_key', ['repository_id', 'digest'])
    .execute()
  await db.schema
    .createTable('tags')
    .addColumn('repository_id', 'integer', (column) => column.notNull())
    .addColumn('tag', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('checked_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('tags_key', ['repository_id', 'tag'])
    .execute()
}

async function createLists(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('tag_lists')
    .addColumn('repository_id', 'integer', (column) => column.primaryKey())
    .addColumn('entries', 'text', (column) => column.notNull())
    .addColumn('fetched_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('referrer_lists')
    .addColumn('repository_id', 'integer', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('entries', 'text', (column) => column.notNull())
    .addColumn('fetched_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('referrer_lists_key', ['repository_id', 'subject'])
    .execute()
}
