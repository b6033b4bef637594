import { type Kysely, sql } from 'kysely'
import type { MetadataStore } from '../metadata-store.ts'
import { DatabaseBlobRecords } from './blob-records.ts'
import { DatabaseImageRecords } from './image-records.ts'
import { DatabaseListRecords } from './list-records.ts'
import { migrate } from './migrations/index.ts'
import { RepositoryIds } from './repository-ids.ts'
import type { Schema } from './schema.ts'
import { DatabaseTagRecords } from './tag-records.ts'

/**
 * Metadata in a database that Kysely speaks to. One set of queries for every engine: nothing here
 * or in the records beside it may know which one it is.
 */
export async function openMetadataStore(db: Kysely<Schema>): Promise<MetadataStore> {
  try {
    await migrate(db)
  } catch (error) {
    await db.destroy()
    throw error
  }
  const ids = new RepositoryIds()
  const blobs = new DatabaseBlobRecords(db, ids)
  const images = new DatabaseImageRecords(db, ids)
  const tags = new DatabaseTagRecords(db, ids)
  const lists = new DatabaseListRecords(db, ids)
  return {
    recordBlob: (blob) => blobs.recordBlob(blob),
    findBlob: (digest) => blobs.findBlob(digest),
    linkBlob: (source, digest) => blobs.linkBlob(source, digest),
    isBlobLinked: (source, digest) => blobs.isBlobLinked(source, digest),
    findChildSize: (source, digest) => blobs.findChildSize(source, digest),
    recordAccesses: (accesses) => blobs.recordAccesses(accesses),
    recordImage: (source, image) => images.recordImage(source, image),
    findImage: (source, digest) => images.findImage(source, digest),
    isManifestKept: (digest) => images.isManifestKept(digest),
    isManifest: (source, digest) => images.isManifest(source, digest),
    listRepositories: () => images.listRepositories(),
    findTag: (source, tag) => tags.findTag(source, tag),
    recordTag: (source, tag, record) => tags.recordTag(source, tag, record),
    listTags: (source) => tags.listTags(source),
    findTagList: (source) => lists.findTagList(source),
    recordTagList: (source, list) => lists.recordTagList(source, list),
    findReferrers: (source, subject) => lists.findReferrers(source, subject),
    recordReferrers: (source, subject, list) => lists.recordReferrers(source, subject, list),
    ping: async () => void (await sql`select 1`.execute(db)),
    close: () => db.destroy(),
  }
}
