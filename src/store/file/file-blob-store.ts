import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Digest,
  digestAlgorithm,
  digestAlgorithms,
  digestHex,
  isDigest,
} from '../../oci/digest.ts'
import type { BlobReader, BlobStore, BlobWriter } from '../blob-store.ts'
import { FileBlobWriter } from './file-blob-writer.ts'

const abandonedAfterMs = 24 * 3_600_000

/**
 * Blobs as files: `blobs/<algorithm>/<hex>` holds finished content only, named by its digest and
 * never rewritten (image-layout §Blobs); `partial/` holds what is being written. Both lie in one
 * file system, since a file is finished by rename.
 */
export class FileBlobStore implements BlobStore {
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  /** Makes the folders, and clears `partial/` of what earlier runs left more than a day ago. */
  static async open(folder: string): Promise<FileBlobStore> {
    for (const algorithm of digestAlgorithms) {
      await mkdir(join(folder, 'blobs', algorithm), { recursive: true })
    }
    await mkdir(join(folder, 'partial'), { recursive: true })
    await removeAbandoned(join(folder, 'partial'))
    return new FileBlobStore(folder)
  }

  async find(digest: Digest): Promise<number | undefined> {
    const found = await unlessMissing(stat(this.#path(digest)))
    return found?.size
  }

  async open(digest: Digest): Promise<BlobReader | undefined> {
    const handle = await unlessMissing(open(this.#path(digest), 'r'))
    if (!handle) return undefined
    try {
      return new FileBlobReader(handle, (await handle.stat()).size)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  async create(digest: Digest): Promise<BlobWriter> {
    const name = `${digestAlgorithm(digest)}-${digestHex(digest)}.${randomUUID()}`
    const partial = join(this.#folder, 'partial', name)
    return FileBlobWriter.create(digest, { partial, final: this.#path(digest) })
  }

  async remove(digest: Digest): Promise<void> {
    await rm(this.#path(digest), { force: true })
  }

  async *list(): AsyncIterable<{ digest: Digest; sizeBytes: number }> {
    for (const algorithm of digestAlgorithms) {
      for (const hex of await readdir(join(this.#folder, 'blobs', algorithm))) {
        const digest = `${algorithm}:${hex}`
        if (!isDigest(digest)) continue
        const sizeBytes = await this.find(digest)
        if (sizeBytes !== undefined) yield { digest, sizeBytes }
      }
    }
  }

  /** A Digest's characters are a-z, 0-9 and one colon, so the path can't leave the folder. */
  #path(digest: Digest): string {
    return join(this.#folder, 'blobs', digestAlgorithm(digest), digestHex(digest))
  }
}

class FileBlobReader implements BlobReader {
  readonly sizeBytes: number
  readonly #handle: FileHandle

  constructor(handle: FileHandle, sizeBytes: number) {
    this.#handle = handle
    this.sizeBytes = sizeBytes
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position)
    return bytesRead
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

/** Not at once: another process may have been started on this folder by mistake, and must harm nothing. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const found = await unlessMissing(stat(join(folder, name)))
    const isAbandoned = found && Date.now() - found.mtimeMs > abandonedAfterMs
    if (isAbandoned) await rm(join(folder, name), { recursive: true, force: true })
  }
}

async function unlessMissing<T>(result: Promise<T>): Promise<T | undefined> {
  try {
    return await result
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
