import { access, constants, mkdir } from 'node:fs/promises'
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
  /** Why nothing can be kept or found at the moment, fit for anyone to read; undefined if all is well. */
  findFault(): Promise<string | undefined>
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
    findFault: () => findFault(folder, metadata),
    close: async () => {
      try {
        await accessTimes.close()
      } finally {
        await metadata.close()
      }
    },
  }
}

async function findFault(folder: string, metadata: MetadataStore): Promise<string | undefined> {
  try {
    await access(folder, constants.R_OK | constants.W_OK)
    await metadata.ping()
    return undefined
  } catch (error) {
    return `the data folder can't be used (${(error as NodeJS.ErrnoException).code ?? 'database'})`
  }
}
