import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DigestCheck } from '../../oci/digest-check.ts'
import type { BlobWriter, WrittenPlace } from '../blob-store.ts'
import type { PartialContent } from './partial-content.ts'
import type { PartialName } from './partial-folder.ts'

/** Where finished content goes; `onTaken` is called when it is there, in place of what was there before. */
type FinalName = { readonly path: string; readonly onTaken: () => void }

/** Broken: the file isn't what was hashed, is known to be wrong, or may not reach the disk. */
type State = 'growing' | 'broken' | 'verified' | 'kept' | 'discarded'

/** One file that grows under `partial/`, is hashed as it grows, and moves to its name when it is right. */
export class FileBlobWriter implements BlobWriter {
  readonly #partial: PartialName
  readonly #final: FinalName
  readonly #handle: FileHandle
  readonly #check: DigestCheck
  #writtenBytes: number
  #state: State = 'growing'

  constructor(content: PartialContent, partial: PartialName, final: FinalName) {
    this.#handle = content.handle
    this.#check = content.check
    this.#writtenBytes = content.writtenBytes
    this.#partial = partial
    this.#final = final
  }

  get writtenBytes(): number {
    return this.#writtenBytes
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    this.#require('growing')
    try {
      await this.#writeAll(chunks)
    } catch (error) {
      await this.#cut()
      throw error
    }
    for (const chunk of chunks) this.#check.update(chunk)
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

  /** What a full disk still took of a failed append would stand behind a shorter one. */
  async #cut(): Promise<void> {
    this.#state = 'broken'
    const isCut = await this.#handle.truncate(this.#writtenBytes).then(
      () => true,
      () => false,
    )
    if (isCut) this.#state = 'growing'
  }

  copyCheck(): DigestCheck {
    return this.#check.copy()
  }

  /** Under its present name or its later one, if it is the same file. */
  async findPlace(): Promise<WrittenPlace> {
    const { ino: inode } = await this.#handle.stat({ bigint: true })
    return { paths: [this.#partial.path, this.#final.path], inode }
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position)
    return bytesRead
  }

  verify(): void {
    this.#require('growing')
    this.#state = 'broken'
    this.#check.verify()
    this.#state = 'verified'
  }

  /**
   * The content is synced before it gets its name: after a power failure a name without its bytes
   * would be served as whole. It is tried once: a second sync tells nothing of what the first lost.
   */
  async keep(): Promise<void> {
    this.#require('verified')
    this.#state = 'broken'
    await this.#handle.datasync()
    await rename(this.#partial.path, this.#final.path)
    this.#final.onTaken()
    this.#state = 'kept'
    this.#partial.release()
    await syncFolder(dirname(this.#final.path))
  }

  async discard(): Promise<void> {
    if (this.#state === 'kept' || this.#state === 'discarded') return
    this.#state = 'discarded'
    await rm(this.#partial.path, { force: true })
    this.#partial.release()
  }

  async close(): Promise<void> {
    await this.#handle.close().finally(this.#partial.release)
  }

  #require(state: State): void {
    if (this.#state !== state) throw new Error(`the blob is ${this.#state}, not ${state}`)
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
