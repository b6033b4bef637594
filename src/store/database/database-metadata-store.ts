import type { Kysely } from 'kysely'
import type { AccessRecords } from '../access-records.ts'
import type { AuditRecords } from '../audit-records.ts'
import type { BudgetRecords } from '../budget-records.ts'
import type { CatalogRecords } from '../catalog-records.ts'
import type { ChronicleRecords } from '../chronicle-records.ts'
import type { HostedRecords } from '../hosted-records.ts'
import type { IntegrityRecords } from '../integrity-records.ts'
import type { LedgerRecords } from '../ledger-records.ts'
import type { MetadataStore } from '../metadata-store.ts'
import type { OverviewRecords } from '../overview-records.ts'
import type { PartsRecords } from '../parts-records.ts'
import type { SpaceHistoryRecords } from '../space-history-records.ts'
import type { SpaceRecords } from '../space-records.ts'
import type { UnownedRecords } from '../unowned-records.ts'
import type { VerifyRecords } from '../verify-records.ts'
import type { WebhookRecords } from '../webhook-records.ts'
import { DatabaseBlobRecords } from './blob-records.ts'
import { DatabaseCatalogRecords } from './catalog-records.ts'
import type { Database } from './database.ts'
import { DatabaseImageRecords } from './image-records.ts'
import { LedgerReader } from './ledger-reader.ts'
import { DatabaseLedgerRecords } from './ledger-records.ts'
import { DatabaseListRecords } from './list-records.ts'
import { migrate } from './migrations/index.ts'
import {
  openCareRecords,
  openHostedRecords,
  openIntegrityRecords,
  openSpaceRecords,
  openUnownedRecords,
} from './open-content-records.ts'
import {
  openAccessRecords,
  openAuditRecords,
  openBudgetRecords,
  openChronicleRecords,
  openWebhookRecords,
} from './open-other-records.ts'
import { openOverviewRecords } from './overview-records.ts'
import { DatabasePartsRecords } from './parts-records.ts'
import { RepositoryIds } from './repository-ids.ts'
import { listRepositories } from './repository-lists.ts'
import type { Schema } from './schema.ts'
import { DatabaseSwitchRecords } from './switch-records.ts'
import { DatabaseTagRecords } from './tag-records.ts'

/** All that a database tells. */
export type Records = MetadataStore &
  HostedRecords &
  UnownedRecords &
  CatalogRecords &
  OverviewRecords &
  SpaceRecords &
  PartsRecords &
  SpaceHistoryRecords &
  VerifyRecords &
  IntegrityRecords &
  AccessRecords &
  AuditRecords &
  LedgerRecords &
  BudgetRecords &
  ChronicleRecords &
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
  const reader = new LedgerReader(db, database.sharedFile)
  // What takes seconds where very much is kept would keep reports and single lists waiting.
  const slowReader = new LedgerReader(db, database.sharedFile)
  const ledger = new DatabaseLedgerRecords(database, reader)
  const parts = new DatabasePartsRecords(database, reader)
  return {
    ...openMirrorRecords(database, ids),
    ...openCatalogRecords(database, ids),
    ...openOverviewRecords(database, ids, { reader, slowReader }),
    ...openHostedRecords(database, ids, slowReader),
    ...openSpaceRecords(database, ids),
    ...openCareRecords(database),
    ...openUnownedRecords(database),
    ...openIntegrityRecords(database),
    ...openAccessRecords(database),
    ...openAuditRecords(database),
    ...openBudgetRecords(database),
    ...openChronicleRecords(database, reader),
    ...openWebhookRecords(database),
    addTraffic: (batch) => ledger.addTraffic(batch),
    findLastBatch: () => ledger.findLastBatch(),
    sumTraffic: (query) => ledger.sumTraffic(query),
    trimTraffic: (bounds) => ledger.trimTraffic(bounds),
    listMirrored: (page) => parts.listMirrored(page),
    listNamed: (page) => parts.listNamed(page),
    measureParts: (pinned) => parts.measureParts(pinned),
    ping: () => writePing(db),
    close: async () => {
      await Promise.all([reader.close(), slowReader.close()])
      await db.destroy()
    },
  }
}

/** What came from upstreams, and what is known of it. */
function openMirrorRecords(
  database: Database,
  ids: RepositoryIds,
): Omit<MetadataStore, 'ping' | 'close'> {
  const db = database.queries
  const blobs = new DatabaseBlobRecords(db, ids)
  const images = new DatabaseImageRecords(db, ids)
  const tags = new DatabaseTagRecords(db, ids)
  const lists = new DatabaseListRecords(db, ids)
  const switches = new DatabaseSwitchRecords(database)
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
  }
}

function openCatalogRecords(database: Database, ids: RepositoryIds): CatalogRecords {
  const db = database.queries
  const catalog = new DatabaseCatalogRecords(db, ids)
  return {
    findLastPull: (source, digest) => catalog.findLastPull(source, digest),
    listTagsOf: (source, digest, limit) => catalog.listTagsOf(source, digest, limit),
    measureIndex: (digest) => catalog.measureIndex(digest),
    listSharing: (digest, than, limit) => catalog.listSharing(digest, than, limit),
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
