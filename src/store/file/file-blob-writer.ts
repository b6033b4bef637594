import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Digest, digestAlgorithm } from '../../oci/digest.ts'
import { type BlobWriter, DigestMismatchError } from '../blob-store.ts'

type Paths = { readonly partial: string; readonly final: string }

/** One file that grows under `partial/`, is hashed as it grows, and moves to its name when it is right. */
export class FileBlobWriter implements BlobWriter {
  readonly #digest: Digest
  readonly #paths: Paths
  readonly #handle: FileHandle
  readonly #hash: Hash
  #writtenBytes = 0
  #state: 'growing' | 'verified' | 'kept' | 'discarded' = 'growing'

  private constructor(digest: Digest, paths: Paths, handle: FileHandle) {
    this.#digest = digest
    this.#paths = paths
    this.#handle = handle
    this.#hash = createHash(digestAlgorithm(digest))
  }

  static async create(digest: Digest, paths: Paths): Promise<FileBlobWriter> {
    return new FileBlobWriter(digest, paths, await open(paths.partial, 'wx+', 0o644))
  }

  get writtenBytes(): number {
    return this.#writtenBytes
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    if (this.#state !== 'growing') throw new Error(`append to a blob that is ${this.#state}`)
    for (const chunk of chunks) this.#hash.update(chunk)
    await this.#writeAll(chunks)
    this.#writtenBytes += totalLength(chunks)
  }

  /** writev may write less than it was given, as a disk fills. */
  async #writeAll(chunks: readonly Uint8Array[]): Promise<void> {
    let position = this.#writtenBytes
    let left = chunks
    while (left.length > 0) {
      const { bytesWritten } = await this.#handle.writev(left, position)
      position += bytesWritten
      left = dropBytes(left, bytesWritten)
    }
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position)
    return bytesRead
  }

  verify(): void {
    const hex = this.#hash.digest('hex')
    const actual = `${digestAlgorithm(this.#digest)}:${hex}` as Digest
    if (actual !== this.#digest) throw new DigestMismatchError(this.#digest, actual)
    this.#state = 'verified'
  }

  /**
   * The content is synced before it gets its name: after a power failure a name without its bytes
   * would be served as whole.
   */
  async keep(): Promise<void> {
    if (this.#state !== 'verified') throw new Error(`keep of a blob that is ${this.#state}`)
    await this.#handle.datasync()
    await rename(this.#paths.partial, this.#paths.final)
    this.#state = 'kept'
    await syncFolder(dirname(this.#paths.final))
  }

  async discard(): Promise<void> {
    if (this.#state === 'kept' || this.#state === 'discarded') return
    this.#state = 'discarded'
    await rm(this.#paths.partial, { force: true })
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

function totalLength(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0)
}

function dropBytes(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  let toDrop = count
  return chunks.flatMap((chunk) => {
    const dropped = Math.min(toDrop, chunk.length)
    toDrop -= dropped
    return dropped < chunk.length ? [chunk.subarray(dropped)] : []
  })
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
