import type { ServerResponse } from 'node:http'
import type { ByteRange } from '../oci/byte-range.ts'
import type { BlobReader } from '../store/blob-store.ts'
import { BufferPool } from './buffer-pool.ts'

const pool = new BufferPool()

export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError'
}

/**
 * Writes a range of a blob to a client: while one buffer is on its way to the socket, the next is
 * being read, so a stream holds two buffers whatever the blob's size. Calls `onBytes` as bytes go
 * out. Throws ClientGoneError when the connection has closed, and what the reader throws.
 */
export async function streamBlob(
  outgoing: ServerResponse,
  reader: BlobReader,
  { range, onBytes }: { range: ByteRange; onBytes: (count: number) => void },
): Promise<void> {
  const leave = pool.enter()
  let position = range.start
  let buffer = pool.take()
  let reading = readAhead(buffer, reader, { position, end: range.end })
  try {
    while (position <= range.end) {
      const filled = buffer
      const count = await reading
      position += count
      buffer = pool.take()
      reading = readAhead(buffer, reader, { position, end: range.end })
      try {
        await writeOut(outgoing, filled.subarray(0, count))
      } finally {
        pool.give(filled)
      }
      onBytes(count)
    }
  } finally {
    // A read still under way writes into the buffer: it may be given back only afterwards.
    await reading.catch(ignore)
    pool.give(buffer)
    leave()
  }
}

/** A read that is waited for only after the write before it; it may fail meanwhile, and is heard of then. */
function readAhead(
  buffer: Buffer,
  reader: BlobReader,
  range: { position: number; end: number },
): Promise<number> {
  const reading = readInto(buffer, reader, range)
  reading.catch(ignore)
  return reading
}

/** How many bytes were read; 0 only beyond the end. */
async function readInto(
  buffer: Buffer,
  reader: BlobReader,
  { position, end }: { position: number; end: number },
): Promise<number> {
  const length = Math.min(buffer.length, end + 1 - position)
  if (length <= 0) return 0
  const count = await reader.read(buffer.subarray(0, length), position)
  if (count === 0)
    throw new Error(`content ended at ${position} where ${end + 1} bytes were announced`)
  return count
}

/** Resolves when the bytes have left for the kernel, so the buffer is free again. */
export function writeOut(outgoing: ServerResponse, bytes: Uint8Array): Promise<void> {
  if (outgoing.destroyed || outgoing.closed) return Promise.reject(new ClientGoneError('closed'))
  return new Promise((resolve, reject) => {
    const onClose = () => reject(new ClientGoneError('closed while writing'))
    outgoing.once('close', onClose)
    outgoing.write(bytes, (error) => {
      outgoing.off('close', onClose)
      if (error) reject(new ClientGoneError('closed while writing', { cause: error }))
      else resolve()
    })
  })
}

/** The error of a read that nobody waits for: the first failure is the one reported. */
function ignore(): void {}
