import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AccessTimes } from './access-times.ts'
import type { BlobStore } from './blob-store.ts'
import type { CatalogRecords } from './catalog-records.ts'
import { Checkpoints } from './database/checkpoints.ts'
import { openMetadataStore } from './database/database-metadata-store.ts'
import { openSqlite } from './database/sqlite-database.ts'
import { DigestHolds } from './digest-holds.ts'
import { FileBlobStore } from './file/file-blob-store.ts'
import type { HostedRecords } from './hosted-records.ts'
import type { MetadataStore } from './metadata-store.ts'
import { StoreHealth } from './store-health.ts'
import type { UnownedRecords } from './unowned-records.ts'
import type { UploadStore } from './upload-store.ts'

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
  readonly unowned: UnownedRecords
  /** Whoever is about to point to a blob holds it. */
  readonly holds: DigestHolds
  /** What is kept, as people look at it. */
  readonly catalog: CatalogRecords
  readonly accessTimes: AccessTimes
  readonly health: StoreHealth
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
}

/** Opens the data folder, making what isn't there. */
export async function openStores(folder: string, callbacks: StoreCallbacks): Promise<Stores> {
  const onError: StoreCallbacks['onError'] = (error, what) => callbacks.onError(error, what)
  await mkdir(folder, { recursive: true })
  const blobs = await FileBlobStore.open(folder, onError)
  try {
    const file = join(folder, 'entrepot.db')
    const database = openSqlite(file)
    const records = await openMetadataStore(database)
    const checkpoints = database.isShared ? new Checkpoints(file, onError) : undefined
    return assemble({ blobs, records, checkpoints }, callbacks)
  } catch (error) {
    await blobs.close()
    throw error
  }
}

type Parts = {
  readonly blobs: FileBlobStore
  readonly records: MetadataStore & HostedRecords & UnownedRecords & CatalogRecords
  /** Undefined where the database makes its own. */
  readonly checkpoints: Checkpoints | undefined
}

function assemble({ blobs, records, checkpoints }: Parts, callbacks: StoreCallbacks): Stores {
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
      await health.close()
      await blobs.close()
    } finally {
      await checkpoints?.close()
      await records.close()
    }
  }
  const holds = new DigestHolds()
  const kept = {
    blobs,
    metadata: records,
    hosted: records,
    unowned: records,
    catalog: records,
    uploads: blobs.uploads,
  }
  return { ...kept, holds, accessTimes, health, close }
}
