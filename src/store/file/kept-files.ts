import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, digestAlgorithm, digestHex } from '../../oci/digest.ts'
import type { BlobReader, BlobSource } from '../blob-store.ts'
import { FileBlobReader } from './file-blob-reader.ts'
import { unlessMissing } from './unless-missing.ts'

/** The files under `blobs/`, to be read; several threads may each have their own. */
export class KeptFiles implements BlobSource {
  readonly #folder: string

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, 'blobs')
  }

  async find(digest: Digest): Promise<number | undefined> {
    const found = await unlessMissing(stat(this.path(digest)))
    return found?.size
  }

  async open(digest: Digest): Promise<BlobReader | undefined> {
    const handle = await unlessMissing(open(this.path(digest), 'r'))
    if (!handle) return undefined
    try {
      return new FileBlobReader(handle, (await handle.stat()).size)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** A Digest's characters are a-z, 0-9 and one colon, so the path can't leave the folder. */
  path(digest: Digest): string {
    return join(this.#folder, digestAlgorithm(digest), digestHex(digest))
  }
}
