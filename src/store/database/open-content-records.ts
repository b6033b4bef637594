// What was pushed here, and what becomes of all that is kept.
import type { HostedRecords } from '../hosted-records.ts'
import type { IntegrityRecords } from '../integrity-records.ts'
import type { SpaceHistoryRecords } from '../space-history-records.ts'
import type { SpaceRecords } from '../space-records.ts'
import type { UnownedRecords } from '../unowned-records.ts'
import type { VerifyRecords } from '../verify-records.ts'
import type { Database } from './database.ts'
import { DatabaseEvictionRecords } from './eviction-records.ts'
import { DatabaseIntegrityRecords } from './integrity-records.ts'
import type { LedgerReader } from './ledger-reader.ts'
import { DatabasePinRecords } from './pin-records.ts'
import { PushedBlobs } from './pushed-blobs.ts'
import { PushedImages } from './pushed-images.ts'
import { PushedLists } from './pushed-lists.ts'
import { PushedRepositories } from './pushed-repositories.ts'
import { PushedVersions } from './pushed-versions.ts'
import type { RepositoryIds } from './repository-ids.ts'
import { DatabaseSpaceHistoryRecords } from './space-history-records.ts'
import { DatabaseSpaceRecords } from './space-records.ts'
import { DatabaseUnownedRecords } from './unowned-content.ts'
import { DatabaseVerifyRecords } from './verify-records.ts'

export function openSpaceRecords(database: Database, ids: RepositoryIds): SpaceRecords {
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
    measureImages: (manifests) => space.measureImages(manifests),
    evict: (image, why) => space.evict(image, why),
    findUnneeded: (digests, manifest) => space.findUnneeded(digests, manifest),
    forgetUnneeded: (digests, manifest) => space.forgetUnneeded(digests, manifest),
    listOrphans: (page) => space.listOrphans(page),
    listNeeding: (digest, limit) => space.listNeeding(digest, limit),
    findEviction: (source, reference) => evictions.findEviction(source, reference),
    findEvictionOf: (digest) => evictions.findEvictionOf(digest),
    listEvictions: (page) => evictions.listEvictions(page),
    sumEvictions: (query) => evictions.sumEvictions(query),
    listPins: () => pins.listPins(),
    pin: (pattern, at) => pins.pin(pattern, at),
    unpin: (pattern) => pins.unpin(pattern),
  }
}

/** How full the disk was, and what was found wrong. */
export function openCareRecords(database: Database): SpaceHistoryRecords & VerifyRecords {
  const history = new DatabaseSpaceHistoryRecords(database)
  const verify = new DatabaseVerifyRecords(database)
  return {
    recordSpace: (sample) => history.recordSpace(sample),
    listSpace: (query) => history.listSpace(query),
    trimSpace: (bounds) => history.trimSpace(bounds),
    recordVerifyRun: (run) => verify.recordVerifyRun(run),
    recordVerifyFindings: (findings) => verify.recordVerifyFindings(findings),
    listVerifyRuns: (limit) => verify.listVerifyRuns(limit),
    listVerifyFindings: (limit) => verify.listVerifyFindings(limit),
  }
}

export function openHostedRecords(
  database: Database,
  ids: RepositoryIds,
  reader: LedgerReader,
): HostedRecords {
  const blobs = new PushedBlobs(database, ids)
  const images = new PushedImages(database, ids)
  const repositories = new PushedRepositories(database, ids, reader)
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
    planRemoval: (repository, what) =>
      what === 'everything'
        ? repositories.planRemoval(repository)
        : versions.planRemoval(repository, what),
    tagPushed: (repository, tagging) => images.tag(repository, tagging),
    listVersions: (repository) => versions.list(repository),
    listHosted: (page) => repositories.list(page),
    removeRepository: (repository) => repositories.remove(repository),
    listPushedTags: (repository, page) => lists.listTags(repository, page),
    listPushedReferrers: (repository, subject, page) =>
      lists.listReferrers(repository, subject, page),
  }
}

export function openIntegrityRecords(database: Database): IntegrityRecords {
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

export function openUnownedRecords(database: Database): UnownedRecords {
  const unowned = new DatabaseUnownedRecords(database)
  return {
    unlinkUnneeded: (page, mayGo) => unowned.unlinkUnneeded(page, mayGo),
    listUnowned: (page) => unowned.listUnowned(page),
    findUnowned: (digests) => unowned.findUnowned(digests),
    forgetUnowned: (digests) => unowned.forgetUnowned(digests),
  }
}
