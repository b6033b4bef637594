import type { Digest } from '../oci/digest.ts'
import type { BlobStore } from './blob-store.ts'

/** Keeps content that is in memory; throws DigestMismatchError. */
export async function putBlob(blobs: BlobStore, digest: Digest, bytes: Uint8Array): Promise<void> {
  const writer = await blobs.create(digest)
  try {
    await writer.append([bytes])
    writer.verify()
    await writer.keep()
  } finally {
    await writer.discard().finally(() => writer.close())
  }
}

/** All of a kept blob, for what is known to be small; undefined if it isn't kept. */
export async function readBlob(blobs: BlobStore, digest: Digest): Promise<Buffer | undefined> {
  const reader = await blobs.open(digest)
  if (!reader) return undefined
  try {
    const bytes = Buffer.allocUnsafe(reader.sizeBytes)
    let length = 0
    while (length < bytes.length) {
      const count = await reader.read(bytes.subarray(length), length)
      if (count === 0) throw new Error(`${digest} ended at ${length} of ${bytes.length} bytes`)
      length += count
    }
    return bytes
  } finally {
    await reader.close()
  }
}
