import type { BlobPull } from '../mirror/blob-pull.ts'

/** All of a blob in memory, for what is known to be small. */
export async function readWhole(pull: BlobPull): Promise<Buffer> {
  const { sizeBytes } = pull
  const bytes = Buffer.alloc(sizeBytes)
  if (sizeBytes === 0) return bytes
  const { reader } = await pull.openRange({ start: 0, end: sizeBytes - 1 }, { isOnly: true })
  try {
    let length = 0
    while (length < sizeBytes) {
      const count = await reader.read(bytes.subarray(length), length)
      if (count === 0) throw new Error(`content ended at ${length} of ${sizeBytes} bytes`)
      length += count
    }
    return bytes
  } finally {
    await reader.close()
  }
}
