import type { Kysely } from 'kysely'
import type { CatalogRecords } from '../catalog-records.ts'
import type { HostedRecords } from '../hosted-records.ts'
import type { MetadataStore } from '../metadata-store.ts'
import type { UnownedRecords } from '../unowned-records.ts'
import { DatabaseBlobRecords } from './blob-records.ts'
import { DatabaseCatalogRecords } from './catalog-records.ts'
import type { Database } from './database.ts'
import { DatabaseImageRecords } from './image-records.ts'
import { DatabaseListRecords } from './list-records.ts'
import { migrate } from './migrations/index.ts'
import { PushedBlobs } from './pushed-blobs.ts'
import { PushedImages } from './pushed-images.ts'
import { PushedLists } from './pushed-lists.ts'
import { PushedRepositories } from './pushed-repositories.ts'
import { PushedVersions } from './pushed-versions.ts'
import { RepositoryIds } from './repository-ids.ts'
import { describeRepositories, listRepositories } from './repository-lists.ts'
import type { Schema } from './schema.ts'
import { DatabaseSwitchRecords } from './switch-records.ts'
import { DatabaseTagRecords } from './tag-records.ts'
import { DatabaseUnownedRecords } from './unowned-content.ts'

/**
 * Metadata in a database that Kysely speaks to. One set of queries for every engine: nothing here
 * or in the records beside it may know which one it is.
 */
export async function openMetadataStore(
  database: Database,
): Promise<MetadataStore & HostedRecords & UnownedRecords & CatalogRecords> {
  const db = database.queries
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
  const switches = new DatabaseSwitchRecords(database)
  const hosted = openHostedRecords(database, ids)
  const unowned = new DatabaseUnownedRecords(database)
  const catalog = new DatabaseCatalogRecords(db, ids)
  return {
    recordBlob: (blob) => blobs.recordBlob(blob),
    findBlob: (digest) => blobs.findBlob(digest),
    linkBlob: (source, digest) => blobs.linkBlob(source, digest),
    isBlobLinked: (source, digest) => blobs.isBlobLinked(source, digest),
    findNamedOrigin: (source, digest) => blobs.findNamedOrigin(source, digest),
    findChildSize: (source, digest) => blobs.findChildSize(source, digest),
    recordAccesses: (accesses) => blobs.recordAccesses(accesses),
    recordImage: (source, image) => images.recordImage(source, image),
    findImage: (source, digest) => images.findImage(source, digest),
    hasImages: (source) => images.hasImages(source),
    isManifestKept: (digest) => images.isManifestKept(digest),
    isManifest: (source, digest) => images.isManifest(source, digest),
    findParent: (source, child) => images.findParent(source, child),
    listRepositories: (page) => listRepositories(db, page),
    findTag: (source, tag) => tags.findTag(source, tag),
    recordTag: (source, tag, record) => tags.recordTag(source, tag, record),
    listTags: (source) => tags.listTags(source),
    findTagList: (source) => lists.findTagList(source),
    recordTagList: (source, list) => lists.recordTagList(source, list),
    findReferrers: (source, subject) => lists.findReferrers(source, subject),
    recordReferrers: (source, subject, list) => lists.recordReferrers(source, subject, list),
    findSwitch: (name) => switches.findSwitch(name),
    recordSwitch: (name, isOn) => switches.recordSwitch(name, isOn),
    ...hosted,
    describeRepositories: (page) => describeRepositories(db, page),
    unlinkUnneeded: (before, page) => unowned.unlinkUnneeded(before, page),
    listUnowned: (page) => unowned.listUnowned(page),
    forgetUnowned: (digests) => unowned.forgetUnowned(digests),
    listTagged: (source, page) => catalog.listTagged(source, page),
    findLastPull: (source, digest) => catalog.findLastPull(source, digest),
    listTagsOf: (source, digest, limit) => catalog.listTagsOf(source, digest, limit),
    measureIndex: (digest) => catalog.measureIndex(digest),
    ping: () => writePing(db),
    close: () => db.destroy(),
  }
}

function openHostedRecords(database: Database, ids: RepositoryIds): HostedRecords {
  const blobs = new PushedBlobs(database, ids)
  const images = new PushedImages(database, ids)
  const repositories = new PushedRepositories(database, ids)
  const versions = new PushedVersions(database, ids)
  const lists = new PushedLists(database, ids)
  return {
    isHosted: (repository) => repositories.isHosted(repository),
    announceBlob: (blob, at) => blobs.announce(blob, at),
    linkPushed: (repository, linked, at) => blobs.link(repository, linked, at),
    findPushedBlob: (repository, digest) => blobs.find(repository, digest),
    unlinkPushed: (repository, digest) => blobs.unlink(repository, digest),
    findLacking: (repository, needs) => images.findLacking(repository, needs),
    recordPushed: (repository, push) => images.record(repository, push),
    findPushed: (repository, digest) => images.find(repository, digest),
    removePushed: (repository, digest) => images.remove(repository, digest),
    findPushedTag: (repository, tag) => images.findTag(repository, tag),
    removePushedTag: (repository, tag) => images.removeTag(repository, tag),
    listPushedTagsOf: (repository, digest) => versions.listTagsOf(repository, digest),
    removeVersion: (repository, version) => versions.remove(repository, version),
    listVersions: (repository) => versions.list(repository),
    listHosted: (page) => repositories.list(page),
    removeRepository: (repository) => repositories.remove(repository),
    listPushedTags: (repository, page) => lists.listTags(repository, page),
    listPushedReferrers: (repository, subject, page) =>
      lists.listReferrers(repository, subject, page),
  }
}

/** Counts, so that there is something new to write each time. */
async function writePing(db: Kysely<Schema>): Promise<void> {
  await db
    .insertInto('pings')
    .values({ id: 1, count: 1 })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet((row) => ({ count: row('pings.count', '+', 1) })),
    )
    .execute()
}
