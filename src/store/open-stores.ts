import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AccessTimes } from './access-times.ts'
import type { BlobStore } from './blob-store.ts'
import { openMetadataStore } from './database/database-metadata-store.ts'
import { openSqlite } from './database/sqlite-database.ts'
import { FileBlobStore } from './file/file-blob-store.ts'
import type { MetadataStore } from './metadata-store.ts'

/**
 * The room of what is kept: blobs and metadata, each behind one asynchronous interface. It knows
 * folders and databases, and nothing of upstreams, requests or decisions.
 */
export type Stores = {
  readonly blobs: BlobStore
  readonly metadata: MetadataStore
  readonly accessTimes: AccessTimes
  /** Writes what is still gathered, then closes. */
  close(): Promise<void>
}

/** Opens the data folder, making what isn't there. `onError` hears of a failed write in the background. */
export async function openStores(
  folder: string,
  onError: (error: unknown) => void,
): Promise<Stores> {
  await mkdir(folder, { recursive: true })
  const blobs = await FileBlobStore.open(folder)
  const metadata = await openMetadataStore(openSqlite(join(folder, 'entrepot.db')))
  const accessTimes = new AccessTimes(metadata, onError)
  return {
    blobs,
    metadata,
    accessTimes,
    close: async () => {
      await accessTimes.close()
      await metadata.close()
    },
  }
}
