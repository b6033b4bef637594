import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { Digest } from '../../oci/digest.ts'
import { DigestCheck } from '../../oci/digest-check.ts'
import { ForeignFileError } from '../blob-adopter.ts'
import { hashUpTo } from './hash-file.ts'

const pieceBytes = 1024 * 1024
/** Without waiting for whoever writes into a pipe. */
const flags = constants.O_RDONLY | constants.O_NONBLOCK

/** A file that belongs to somebody else, to be read. */
export class ForeignFile {
  readonly handle: FileHandle
  /** When it was opened. */
  readonly sizeBytes: number
  readonly #name: string
  readonly #changedAtMs: number

  private constructor(name: string, handle: FileHandle, at: { size: number; mtimeMs: number }) {
    this.#name = name
    this.handle = handle
    this.sizeBytes = at.size
    this.#changedAtMs = at.mtimeMs
  }

  /** `name` is what messages call it. Throws ForeignFileError. */
  static async open(path: string, name = path): Promise<ForeignFile> {
    const handle = await open(path, flags).catch((error) => {
      throw ForeignFileError.unreadable(name, error)
    })
    try {
      const found = await handle.stat()
      if (!found.isFile()) throw new ForeignFileError(name, 'is no file')
      return new ForeignFile(name, handle, found)
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** Throws DigestMismatchError, and ForeignFileError where it can't be read or changes meanwhile. */
  async verify(digest: Digest): Promise<void> {
    const check = new DigestCheck(digest)
    try {
      await hashUpTo(this.sizeBytes, { handle: this.handle, hash: check })
    } catch (error) {
      throw ForeignFileError.unreadable(this.#name, error)
    }
    check.verify()
    const { size, mtimeMs } = await this.handle.stat()
    if (size !== this.sizeBytes || mtimeMs !== this.#changedAtMs)
      throw new ForeignFileError(this.#name, 'was changed while it was read')
  }

  /** No more than so many bytes. */
  async readStart(mostBytes: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(Math.min(mostBytes, this.sizeBytes))
    try {
      const { bytesRead } = await this.handle.read(buffer, 0, buffer.length, 0)
      return buffer.subarray(0, bytesRead)
    } catch (error) {
      throw ForeignFileError.unreadable(this.#name, error)
    }
  }

  /** Its pieces in order; each is overwritten by the next. */
  async *read(): AsyncIterable<Buffer> {
    const buffer = Buffer.allocUnsafe(pieceBytes)
    for (let position = 0; ; ) {
      const { bytesRead } = await this.handle
        .read(buffer, 0, pieceBytes, position)
        .catch((error) => {
          throw ForeignFileError.unreadable(this.#name, error)
        })
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
      position += bytesRead
    }
  }

  close(): Promise<void> {
    return this.handle.close()
  }
}
