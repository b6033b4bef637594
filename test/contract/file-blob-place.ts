import { FileBlobStore } from '../../src/store/file/file-blob-store.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import type { BlobPlace } from './blob-store-contract.ts'

/** A data folder of its own. Opening it again ends the run before, as the end of a process does. */
export async function makeFilePlace(): Promise<BlobPlace> {
  const directory = await makeTemporaryDirectory()
  let current: FileBlobStore | undefined
  const end = async () => {
    await current?.close()
    current = undefined
  }
  return {
    open: async () => {
      await end()
      current = await FileBlobStore.open(directory.path, throwError)
      return current
    },
    remove: async () => {
      await end()
      await directory.remove()
    },
  }
}

/** For a store that has nothing to complain about. */
export function throwError(error: unknown): never {
  throw error
}
