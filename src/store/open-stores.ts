import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { AccessRecords } from './access-records.ts'
import { AccessTimes } from './access-times.ts'
import { admittedBlobs, admittedUploads } from './admitted-blobs.ts'
import type { AuditLines } from './audit-lines.ts'
import type { AuditRecords } from './audit-records.ts'
import type { BlobAdopter } from './blob-adopter.ts'
import type { BlobStore } from './blob-store.ts'
import type { BudgetRecords } from './budget-records.ts'
import type { CatalogRecords } from './catalog-records.ts'
import type { ChronicleRecords } from './chronicle-records.ts'
import { Checkpoints } from './database/checkpoints.ts'
import type { Records } from './database/database-metadata-store.ts'
import { newestVersion } from './database/migrations/index.ts'
import { type OpenedDatabase, openDatabase } from './database/open-database.ts'
import { Snapshots } from './database/snapshots.ts'
import { DigestHolds } from './digest-holds.ts'
import { DiskRoom, readDiskUse } from './disk-room.ts'
import { AuditFiles } from './file/audit-files.ts'
import { FileBlobStore } from './file/file-blob-store.ts'
import { refuseUnfinishedRestore } from './file/restore-mark.ts'
import { openSecret } from './file/secret-file.ts'
import { ForeignChanges } from './foreign-changes.ts'
import type { HostedRecords } from './hosted-records.ts'
import type { IntegrityRecords } from './integrity-records.ts'
import type { LedgerRecords } from './ledger-records.ts'
import type { MetadataStore } from './metadata-store.ts'
import type { OverviewRecords } from './overview-records.ts'
import type { PartsRecords } from './parts-records.ts'
import { QueryTimes } from './query-times.ts'
import type { SpaceHistoryRecords } from './space-history-records.ts'
import type { SpaceRecords } from './space-records.ts'
import { StoreHealth } from './store-health.ts'
import type { UnownedRecords } from './unowned-records.ts'
import type { UploadStore } from './upload-store.ts'
import type { VerifyRecords } from './verify-records.ts'
import type { WebhookRecords } from './webhook-records.ts'

/**
 * The room of what is kept: blobs and metadata, each behind one asynchronous interface. It knows
 * folders and databases, and nothing of upstreams, requests or decisions.
 */
export type Stores = {
  readonly blobs: BlobStore
  readonly metadata: MetadataStore
  /** What was pushed, and what is being pushed. */
  readonly hosted: HostedRecords
  readonly uploads: UploadStore
  /** Takes content over from somebody else's files. */
  readonly adopter: BlobAdopter
  readonly unowned: UnownedRecords
  /** What eviction goes by. */
  readonly space: SpaceRecords
  /** What the kept bytes are. */
  readonly parts: PartsRecords
  /** How full the disk was. */
  readonly spaceHistory: SpaceHistoryRecords
  /** What was found wrong with what is kept. */
  readonly verify: VerifyRecords
  /** Of the disk: nothing is kept beyond it. */
  readonly room: DiskRoom
  readonly integrity: IntegrityRecords
  /** Whoever is about to point to a blob holds it. */
  readonly holds: DigestHolds
  /** Who pulled what, and what it cost. */
  readonly ledger: LedgerRecords
  /** With which addresses of clients are hashed, where they are. */
  readonly clientKey: Uint8Array
  /** What is kept, as people look at it. */
  readonly catalog: CatalogRecords
  /** The same, put in order. */
  readonly overviews: OverviewRecords
  /** Tokens, and what the short-lived ones are signed with. */
  readonly access: AccessRecords
  /** Who did what. */
  readonly audit: AuditRecords
  readonly auditLines: AuditLines
  /** What upstreams said of their limits on pulls. */
  readonly budget: BudgetRecords
  /** How upstreams did over time. */
  readonly chronicle: ChronicleRecords
  /** What webhooks are still to be told. */
  readonly webhooks: WebhookRecords
  readonly accessTimes: AccessTimes
  readonly health: StoreHealth
  readonly foreignChanges: ForeignChanges
  readonly queryTimes: QueryTimes
  /** Writes what is still gathered, then closes. Every writer must be closed. */
  close(): Promise<void>
}

export type StoreCallbacks = {
  /** Something went wrong in the background, which nothing else tells of. */
  onError(error: unknown, what: string): void
  /** From now on nothing can be kept; `message` says why and is fit for anyone to read. */
  onFault(message: string, error: unknown): void
  /** Things can be kept again. */
  onRecovered(): void
  /** A snapshot took the place of the database, which was gone or damaged; `message` says what that means. */
  onPutBack?(message: string): void
}

/**
 * Opens the data folder, making what isn't there. A guest works in it beside the server, which may be
 * started meanwhile: fetches and pushes that are under way are the server's alone.
 */
export async function openStores(
  folder: string,
  callbacks: StoreCallbacks,
  options: { readonly isGuest?: boolean } = {},
): Promise<Stores> {
  const onError: StoreCallbacks['onError'] = (error, what) => callbacks.onError(error, what)
  await mkdir(folder, { recursive: true })
  await refuseUnfinishedRestore(folder)
  const blobs = await FileBlobStore.open(folder, onError, options)
  try {
    const onPutBack = (message: string) => callbacks.onPutBack?.(message)
    const isAlone = () => blobs.isAlone()
    const queryTimes = new QueryTimes()
    const onQuery = (ms: number) => queryTimes.note(ms)
    const settings = { now: Date.now, isAlone, onPutBack, onQuery }
    const { records, ...database } = await openDatabase(folder, settings)
    const keepers = database.isShared ? keep(database, { onError, ...options }) : []
    const readVersion = database.readForeignVersion
    const foreignChanges = new ForeignChanges({ readVersion, onError })
    const room = new DiskRoom(() => readDiskUse(folder))
    const auditLines = new AuditFiles(folder)
    const clientKey = await openClientKey(folder, onError)
    const others = { foreignChanges, room, auditLines, queryTimes, clientKey }
    return assemble({ blobs, records, keepers, ...others }, callbacks)
  } catch (error) {
    await blobs.close()
    throw error
  }
}

/** Where it can't be kept, as on a full disk, clients are other ones in reports after the next start. */
function openClientKey(folder: string, onError: StoreCallbacks['onError']): Promise<Buffer> {
  return openSecret(join(folder, 'ledger.key')).catch((error) => {
    onError(
      error,
      "ledger.key in the data folder can't be used; another serves until the next start",
    )
    return randomBytes(32)
  })
}

type Parts = {
  readonly blobs: FileBlobStore
  readonly room: DiskRoom
  readonly records: Records
  /** What is done to the database now and then, beside what it is asked. */
  readonly keepers: readonly { close(): Promise<void> }[]
  readonly foreignChanges: ForeignChanges
  readonly auditLines: AuditLines
  readonly queryTimes: QueryTimes
  readonly clientKey: Buffer
}

/** Of a database that others may open too, threads of this process among them. */
function keep(
  { file, snapshots: folder }: Pick<OpenedDatabase, 'file' | 'snapshots'>,
  { onError, isGuest = false }: { onError: StoreCallbacks['onError']; isGuest?: boolean },
): Parts['keepers'] {
  const checkpoints = new Checkpoints(file, onError)
  const snapshots = { folder, version: newestVersion, now: Date.now, onError }
  return isGuest ? [checkpoints] : [checkpoints, new Snapshots(snapshots)]
}

function assemble(parts: Parts, callbacks: StoreCallbacks): Stores {
  const { blobs, records, keepers, foreignChanges, room, auditLines, queryTimes, clientKey } = parts
  const health = new StoreHealth({
    trial: async () => {
      await blobs.tryToKeep()
      await records.ping()
    },
    onFault: (message, error) => callbacks.onFault(message, error),
    onRecovered: () => callbacks.onRecovered(),
  })
  // They are written again and again: as a fault it is said once, and not every time.
  const accessTimes = new AccessTimes(records, (error) => health.note(error))
  const close = async () => {
    try {
      // The server is to end on a full disk too.
      await accessTimes.close().catch((error) => {
        callbacks.onError(error, "the last access times couldn't be written")
      })
      await foreignChanges.close()
      await health.close()
      await blobs.close()
    } finally {
      await Promise.all(keepers.map((keeper) => keeper.close()))
      await records.close()
    }
  }
  const holds = new DigestHolds()
  const admitted = admittedBlobs(blobs, room)
  const kept = {
    blobs: admitted,
    room,
    metadata: records,
    hosted: records,
    unowned: records,
    space: records,
    parts: records,
    spaceHistory: records,
    verify: records,
    integrity: records,
    catalog: records,
    overviews: records,
    access: records,
    audit: records,
    auditLines,
    ledger: records,
    budget: records,
    chronicle: records,
    clientKey,
    webhooks: records,
    uploads: admittedUploads(blobs.uploads, room),
    adopter: blobs.adoptBy((digest) => admitted.create(digest)),
  }
  return { ...kept, holds, accessTimes, health, foreignChanges, queryTimes, close }
}
