import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, digestAlgorithm, digestHex } from '../../oci/digest.ts'
import type { BlobReader, BlobSource, WrittenPlace } from '../blob-store.ts'
import { OpenFiles } from './open-files.ts'
import { unlessMissing } from './unless-missing.ts'
import { openWrittenFile } from './written-file.ts'

/** The files under `blobs/`, to be read; several threads may each have their own. */
export class KeptFiles implements BlobSource {
  readonly #folder: string
  readonly #open: OpenFiles

  constructor(dataFolder: string, onError: (error: unknown, what: string) => void) {
    this.#folder = join(dataFolder, 'blobs')
    this.#open = new OpenFiles(onError)
  }

  async find(digest: Digest): Promise<number | undefined> {
    const found = await unlessMissing(stat(this.path(digest)))
    return found?.size
  }

  /** By a hard link. */
  async isShared(digest: Digest): Promise<boolean> {
    const found = await unlessMissing(stat(this.path(digest)))
    return found !== undefined && found.nlink > 1
  }

  open(digest: Digest): Promise<BlobReader | undefined> {
    return this.#open.open(this.path(digest))
  }

  openWritten(place: WrittenPlace): Promise<BlobReader | undefined> {
    return openWrittenFile(place)
  }

  forget(digest: Digest): void {
    this.#open.forget(this.path(digest))
  }

  /** Every reader must be closed. */
  close(): Promise<void> {
    return this.#open.close()
  }

  /** A Digest's characters are a-z, 0-9 and one colon, so the path can't leave the folder. */
  path(digest: Digest): string {
    return join(this.#folder, digestAlgorithm(digest), digestHex(digest))
  }
}
