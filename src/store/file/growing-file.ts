import type { FileHandle } from 'node:fs/promises'

/** Sees every byte, once and in order. */
export type Hashing = { update(bytes: Uint8Array): void }

type Content = {
  readonly handle: FileHandle
  readonly hash: Hashing
  /** That `hash` has seen; the file has no others. */
  readonly writtenBytes: number
}

/** A file that is appended to and hashed. What fails counts for nothing: not as written, not in the hash. */
export class GrowingFile {
  readonly #handle: FileHandle
  readonly #hash: Hashing
  #writtenBytes: number
  #isBroken = false

  constructor({ handle, hash, writtenBytes }: Content) {
    this.#handle = handle
    this.#hash = hash
    this.#writtenBytes = writtenBytes
  }

  get handle(): FileHandle {
    return this.#handle
  }

  get writtenBytes(): number {
    return this.#writtenBytes
  }

  /** Whether there may be bytes behind what counts as written, which couldn't be cut off. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    if (this.#isBroken) throw new Error('the file is broken')
    try {
      await this.#writeAll(chunks)
    } catch (error) {
      await this.#cut()
      throw error
    }
    for (const chunk of chunks) this.#hash.update(chunk)
    this.#writtenBytes += totalLength(chunks)
  }

  /** Fills `buffer` from `position` as far as it goes; gives how many bytes. */
  async read(buffer: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position)
    return bytesRead
  }

  async close(): Promise<void> {
    await this.#handle.close()
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
    this.#isBroken = true
    const isCut = await this.#handle.truncate(this.#writtenBytes).then(
      () => true,
      () => false,
    )
    this.#isBroken = !isCut
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
