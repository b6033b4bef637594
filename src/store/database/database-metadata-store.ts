import type { Kysely } from 'kysely'
import type { AccessRecords } from '../access-records.ts'
import type { AuditRecords } from '../audit-records.ts'
import type { BudgetRecords } from '../budget-records.ts'
import type { CatalogRecords } from '../catalog-records.ts'
import type { HostedRecords } from '../hosted-records.ts'
import type { IntegrityRecords } from '../integrity-records.ts'
import type { LedgerRecords } from '../ledger-records.ts'
import type { MetadataStore } from '../metadata-store.ts'
import type { SpaceRecords } from '../space-records.ts'
import type { UnownedRecords } from '../unowned-records.ts'
import type { WebhookRecords } from '../webhook-records.ts'
import { DatabaseAccessRecords } from './access-records.ts'
import { DatabaseAuditRecords } from './audit-records.ts'
import { DatabaseBlobRecords } from './blob-records.ts'
import { DatabaseBudgetRecords } from './budget-records.ts'
import { DatabaseCatalogRecords } from './catalog-records.ts'
import type { Database } from './database.ts'
import { DatabaseEvictionRecords } from './eviction-records.ts'
import { DatabaseImageRecords } from './image-records.ts'
import { DatabaseIntegrityRecords } from './integrity-records.ts'
import { DatabaseLedgerRecords } from './ledger-records.ts'
import { DatabaseListRecords } from './list-records.ts'
import { migrate } from './migrations/index.ts'
import { DatabasePinRecords } from './pin-records.ts'
import { PushedBlobs } from './pushed-blobs.ts'
import { PushedImages } from './pushed-images.ts'
import { PushedLists } from './pushed-lists.ts'
import { PushedRepositories } from './pushed-repositories.ts'
import { PushedVersions } from './pushed-versions.ts'
import { RepositoryIds } from './repository-ids.ts'
import { describeRepositories, listRepositories } from './repository-lists.ts'
import type { Schema } from './schema.ts'
import { DatabaseSpaceRecords } from './space-records.ts'
import { DatabaseSwitchRecords } from './switch-records.ts'
import { DatabaseTagRecords } from './tag-records.ts'
import { DatabaseUnownedRecords } from './unowned-content.ts'
import { DatabaseWebhookRecords } from './webhook-records.ts'

/** All that a database tells. */
export type Records = MetadataStore &
  HostedRecords &
  UnownedRecords &
  CatalogRecords &
  SpaceRecords &
  IntegrityRecords &
  AccessRecords &
  AuditRecords &
  LedgerRecords &
  BudgetRecords &
  WebhookRecords

/**
 * Metadata in a database that Kysely speaks to. One set of queries for every engine: nothing here
 * or in the records beside it may know which one it is.
 */
export async function openMetadataStore(database: Database): Promise<Records> {
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
  const integrity = openIntegrityRecords(database)
  const ledger = new DatabaseLedgerRecords(database)
  return {
    recordBlob: (blob) => blobs.recordBlob(blob),
    hasUnknown: () => blobs.hasUnknown(),
    findBlob: (digest) => blobs.findBlob(digest),
    linkBlob: (source, digest) => blobs.linkBlob(source, digest),
    isBlobLinked: (source, digest) => blobs.isBlobLinked(source, digest),
    hasBlobLink: (source, digest) => blobs.hasBlobLink(source, digest),
    findNamedOrigin: (source, digest) => blobs.findNamedOrigin(source, digest),
    findChildSize: (source, digest) => blobs.findChildSize(source, digest),
    recordAccesses: (accesses) => blobs.recordAccesses(accesses),
    recordImage: (source, image) => images.recordImage(source, image),
    findImage: (source, digest) => images.findImage(source, digest),
    linkImage: (source, digest, image) => images.linkImage(source, digest, image),
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
    ...openSpaceRecords(database, ids),
    ...integrity,
    ...openAccessRecords(database),
    ...openAuditRecords(database),
    ...openBudgetRecords(database),
    ...openWebhookRecords(database),
    unlinkUnneeded: (page, mayGo) => unowned.unlinkUnneeded(page, mayGo),
    listUnowned: (page) => unowned.listUnowned(page),
    findUnowned: (digests) => unowned.findUnowned(digests),
    forgetUnowned: (digests) => unowned.forgetUnowned(digests),
    describeRepositories: (page) => describeRepositories(db, page),
    listTagged: (source, page) => catalog.listTagged(source, page),
    findLastPull: (source, digest) => catalog.findLastPull(source, digest),
    listTagsOf: (source, digest, limit) => catalog.listTagsOf(source, digest, limit),
    measureIndex: (digest) => catalog.measureIndex(digest),
    ping: () => writePing(db),
    addTraffic: (batch) => ledger.addTraffic(batch),
    findLastBatch: () => ledger.findLastBatch(),
    sumTraffic: (query) => ledger.sumTraffic(query),
    trimTraffic: (bounds) => ledger.trimTraffic(bounds),
    close: async () => {
      await ledger.close()
      await db.destroy()
    },
  }
}

function openSpaceRecords(database: Database, ids: RepositoryIds): SpaceRecords {
  const space = new DatabaseSpaceRecords(database, ids)
  const evictions = new DatabaseEvictionRecords(database.queries)
  const pins = new DatabasePinRecords(database)
  return {
    measureUsage: () => space.measureUsage(),
    listColdest: (page) => space.listColdest(page),
    countColder: (image) => space.countColder(image),
    findColdImage: (source, digest) => space.findColdImage(source, digest),
    findHolders: (image) => space.findHolders(image),
    listTagsOfAll: (images) => space.listTagsOfAll(images),
    isPushed: (digest) => space.isPushed(digest),
    findFreed: (image, isGone) => space.findFreed(image, isGone),
    evict: (image, why) => space.evict(image, why),
    findUnneeded: (digests, manifest) => space.findUnneeded(digests, manifest),
    forgetUnneeded: (digests, manifest) => space.forgetUnneeded(digests, manifest),
    listOrphans: (page) => space.listOrphans(page),
    listNeeding: (digest, limit) => space.listNeeding(digest, limit),
    findEviction: (source, reference) => evictions.findEviction(source, reference),
    findEvictionOf: (digest) => evictions.findEvictionOf(digest),
    listPins: () => pins.listPins(),
    pin: (pattern, at) => pins.pin(pattern, at),
    unpin: (pattern) => pins.unpin(pattern),
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

function openIntegrityRecords(database: Database): IntegrityRecords {
  const records = new DatabaseIntegrityRecords(database)
  return {
    findRecorded: (digests) => records.findRecorded(digests),
    listRecorded: (page) => records.listRecorded(page),
    listDue: (due) => records.listDue(due),
    noteVerified: (digests, at) => records.noteVerified(digests, at),
    recordFound: (found) => records.recordFound(found),
    findOwners: (digest) => records.findOwners(digest),
    forgetMirrored: (digest) => records.forgetMirrored(digest),
    measureRecorded: () => records.measureRecorded(),
  }
}

function openAccessRecords(database: Database): AccessRecords {
  const records = new DatabaseAccessRecords(database)
  return {
    addToken: (token) => records.addToken(token),
    findToken: (id) => records.findToken(id),
    listTokens: (kinds) => records.listTokens(kinds),
    removeToken: (name) => records.removeToken(name),
    removeTokensOf: (user) => records.removeTokensOf(user),
    removeEndedSessions: (endedBefore) => records.removeEndedSessions(endedBefore),
    noteTokenUses: (uses) => records.noteTokenUses(uses),
    listSigningKeys: () => records.listSigningKeys(),
    addSigningKey: (key) => records.addSigningKey(key),
    removeSigningKeys: (madeBefore) => records.removeSigningKeys(madeBefore),
  }
}

function openAuditRecords(database: Database): AuditRecords {
  const records = new DatabaseAuditRecords(database)
  return {
    recordAudit: (batch) => records.recordAudit(batch),
    listAudit: (query, page) => records.listAudit(query, page),
    findAuditStart: (query, count) => records.findAuditStart(query, count),
    trimAudit: (bounds) => records.trimAudit(bounds),
  }
}

function openBudgetRecords(database: Database): BudgetRecords {
  const records = new DatabaseBudgetRecords(database)
  return {
    recordBudgets: (samples) => records.recordBudgets(samples),
    listBudgets: (query) => records.listBudgets(query),
    listLastBudgets: () => records.listLastBudgets(),
    trimBudgets: (bounds) => records.trimBudgets(bounds),
  }
}

function openWebhookRecords(database: Database): WebhookRecords {
  const records = new DatabaseWebhookRecords(database)
  return {
    addDeliveries: (added, bounds) => records.addDeliveries(added, bounds),
    findDelivery: (hook) => records.findDelivery(hook),
    removeDelivery: (id) => records.removeDelivery(id),
    removeOldDeliveries: (hook, before) => records.removeOldDeliveries(hook, before),
    keepDeliveriesOf: (hooks) => records.keepDeliveriesOf(hooks),
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
