import { type FileHandle, open } from 'node:fs/promises'
import type { BlobReader, WrittenPlace } from '../blob-store.ts'
import { unlessMissing } from './unless-missing.ts'

/** What a writer has written so far, or has kept meanwhile; undefined if it is gone. The caller closes the reader. */
export async function openWrittenFile(place: WrittenPlace): Promise<BlobReader | undefined> {
  for (const path of place.paths) {
    const handle = await unlessMissing(open(path, 'r'))
    const reader = handle && (await toReader(handle, place.inode))
    if (reader) return reader
  }
  return undefined
}

/** Undefined for another file, which has got the name meanwhile. */
async function toReader(handle: FileHandle, inode: bigint): Promise<BlobReader | undefined> {
  let isSame = false
  try {
    const { ino, size } = await handle.stat({ bigint: true })
    isSame = ino === inode
    return isSame ? new WrittenFile(handle, Number(size)) : undefined
  } finally {
    if (!isSame) await handle.close()
  }
}

class WrittenFile implements BlobReader {
  readonly #handle: FileHandle
  /** When it was opened. */
  readonly sizeBytes: number

  constructor(handle: FileHandle, sizeBytes: number) {
    this.#handle = handle
    this.sizeBytes = sizeBytes
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position)
    return bytesRead
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}
