import { mkdir, open, opendir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Digest,
  digestAlgorithm,
  digestAlgorithms,
  digestHex,
  isDigest,
} from '../../oci/digest.ts'
import { DigestCheck } from '../../oci/digest-check.ts'
import { hashUpTo } from './hash-file.ts'
import { syncFile } from './sync-file.ts'
import { unlessMissing } from './unless-missing.ts'

/** What tells one file from another of the same content. */
export type BlobFile = {
  readonly sizeBytes: number
  readonly inode: bigint
  readonly device: bigint
}

/** So many entries of the folder are in memory at once. */
const entriesPerRead = 1000

/** `blobs/` of a data folder or of a backup, for what is moved between the two. */
export class BlobFolder {
  readonly #folder: string

  /** `blobs/` lies in `parent`. */
  constructor(parent: string) {
    this.#folder = join(parent, 'blobs')
  }

  path(digest: Digest): string {
    return join(this.#folder, digestAlgorithm(digest), digestHex(digest))
  }

  /** Makes the folders. */
  async make(): Promise<void> {
    for (const path of this.#folders()) await mkdir(path, { recursive: true })
  }

  /** In no order; what comes or goes meanwhile may be among them or not. */
  async *list(): AsyncGenerator<Digest, void> {
    for (const algorithm of digestAlgorithms) {
      const opening = opendir(join(this.#folder, algorithm), { bufferSize: entriesPerRead })
      const entries = await unlessMissing(opening)
      for await (const entry of entries ?? []) {
        const digest = `${algorithm}:${entry.name}`
        if (isDigest(digest) && !entry.isDirectory()) yield digest
      }
    }
  }

  async find(digest: Digest): Promise<BlobFile | undefined> {
    const found = await unlessMissing(stat(this.path(digest), { bigint: true }))
    return found && { sizeBytes: Number(found.size), inode: found.ino, device: found.dev }
  }

  /** Reads all of it. Throws DigestMismatchError, and ENOENT where it isn't there. */
  async verify(digest: Digest, signal?: AbortSignal): Promise<void> {
    const handle = await open(this.path(digest), 'r')
    try {
      const hash = new DigestCheck(digest)
      const { size } = await handle.stat()
      await hashUpTo(size, { handle, hash, signal })
      hash.verify()
    } finally {
      await handle.close()
    }
  }

  /** No error if it isn't there. */
  async remove(digest: Digest): Promise<void> {
    await rm(this.path(digest), { force: true })
  }

  /** The names in it are on the disk when this resolves. */
  async sync(): Promise<void> {
    for (const path of this.#folders()) await syncFile(path)
  }

  #folders(): readonly string[] {
    return digestAlgorithms.map((algorithm) => join(this.#folder, algorithm))
  }
}
