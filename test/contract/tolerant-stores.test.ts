import { join } from 'node:path'
import { describe } from 'vitest'
import { openMetadataStore } from '../../src/store/database/database-metadata-store.ts'
import { openSqlite } from '../../src/store/database/sqlite-database.ts'
import { StoreHealth } from '../../src/store/store-health.ts'
import { Tolerance } from '../../src/store/tolerance.ts'
import { tolerantBlobs } from '../../src/store/tolerant-blobs.ts'
import { tolerantMetadata } from '../../src/store/tolerant-metadata.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { testBlobResume } from './blob-resume-contract.ts'
import { testBlobStore } from './blob-store-contract.ts'
import { makeFilePlace, throwError } from './file-blob-place.ts'
import { testMetadataStore } from './metadata-store-contract.ts'

/** On a disk that is well nothing is noted, and everything is as ever. */
const strict = new Tolerance(
  new StoreHealth({
    trial: async () => {},
    onFault: (_message, error) => throwError(error),
    onRecovered: () => {},
  }),
)

describe('tolerated blobs', () => {
  const makePlace = async () => {
    const place = await makeFilePlace()
    return { ...place, open: async () => tolerantBlobs(await place.open(), strict) }
  }
  testBlobStore(makePlace)
  testBlobResume(makePlace)
})

describe('tolerated metadata', () => {
  testMetadataStore(async () => {
    const directory = await makeTemporaryDirectory()
    const file = join(directory.path, 'entrepot.db')
    return {
      open: async () => tolerantMetadata(await openMetadataStore(openSqlite(file)), strict),
      remove: directory.remove,
    }
  })
})
