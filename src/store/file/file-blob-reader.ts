import type { FileHandle } from 'node:fs/promises'
import type { BlobReader } from '../blob-store.ts'

export class FileBlobReader implements BlobReader {
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
