import type { ServerResponse } from 'node:http'
import type { ByteRange } from '../oci/byte-range.ts'
import type { BlobReader } from '../store/blob-store.ts'
import type { BufferPool } from './buffer-pool.ts'

export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError'
}

type Streaming = {
  readonly range: ByteRange
  readonly buffers: BufferPool
  readonly onBytes: (count: number) => void
}

type Content = { readonly reader: BlobReader; readonly buffers: BufferPool; readonly end: number }

type Filled = { readonly buffer: Buffer; readonly count: number }

/**
 * Writes a range of a blob to a client, whose connection holds one or two buffers while it doesn't take
 * what it is given. Calls `onBytes` as bytes go out. Throws ClientGoneError when the connection has
 * closed, and what the reader throws.
 */
export function streamBlob(
  outgoing: ServerResponse,
  reader: BlobReader,
  streaming: Streaming,
): Promise<void> {
  return reader.view
    ? streamGrowing(outgoing, reader, streaming)
    : streamKept(outgoing, reader, streaming)
}

/** What has just come is written from where it lies; only what has left the memory is read. */
async function streamGrowing(
  outgoing: ServerResponse,
  reader: BlobReader,
  { range, buffers, onBytes }: Streaming,
): Promise<void> {
  const { end } = range
  const from = { reader, buffers, end }
  let position = range.start
  while (position <= end) {
    const bytes = (await reader.view?.(position))?.subarray(0, end + 1 - position)
    if (bytes) await writeOut(outgoing, bytes)
    const count = bytes?.length ?? (await writeRead(outgoing, from, position))
    position += count
    onBytes(count)
  }
}

async function writeRead(
  outgoing: ServerResponse,
  from: Content,
  position: number,
): Promise<number> {
  const { buffer, count } = await fill(from, position)
  try {
    await writeOut(outgoing, buffer.subarray(0, count))
    return count
  } finally {
    from.buffers.give(buffer)
  }
}

/** A client that takes all it is given at once gets the next read while it is still being written to. */
async function streamKept(
  outgoing: ServerResponse,
  reader: BlobReader,
  { range, buffers, onBytes }: Streaming,
): Promise<void> {
  const { end } = range
  const from = { reader, buffers, end }
  let position = range.start
  let reading: Promise<Filled> | undefined
  let isEager = true
  try {
    while (position <= end) {
      const { buffer, count } = await (reading ?? fill(from, position))
      position += count
      reading = isEager && position <= end ? readAhead(from, position) : undefined
      try {
        isEager = await writeOut(outgoing, buffer.subarray(0, count))
      } finally {
        buffers.give(buffer)
      }
      onBytes(count)
    }
  } finally {
    // A read still under way writes into its buffer, which may be given back only afterwards.
    const left = await reading?.catch(ignore)
    if (left && position <= end) buffers.give(left.buffer)
  }
}

/** A read that is waited for only after the write before it; it may fail meanwhile, and is heard of then. */
function readAhead(from: Content, position: number): Promise<Filled> {
  const reading = fill(from, position)
  reading.catch(ignore)
  return reading
}

/** Reads into a buffer of the pool, which the caller gives back. */
async function fill({ reader, buffers, end }: Content, position: number): Promise<Filled> {
  const buffer = buffers.take()
  try {
    const length = Math.min(buffer.length, end + 1 - position)
    const count = await reader.read(buffer.subarray(0, length), position)
    if (count > 0) return { buffer, count }
    throw new Error(`content ended at ${position} where ${end + 1} bytes were announced`)
  } catch (error) {
    buffers.give(buffer)
    throw error
  }
}

/** Resolves when the bytes have left for the kernel, so the buffer is free again; with whether it took them at once. */
export function writeOut(outgoing: ServerResponse, bytes: Uint8Array): Promise<boolean> {
  if (outgoing.destroyed || outgoing.closed) return Promise.reject(new ClientGoneError('closed'))
  return new Promise((resolve, reject) => {
    let wasTakenAtOnce = false
    const onClose = () => reject(new ClientGoneError('closed while writing'))
    outgoing.once('close', onClose)
    outgoing.write(bytes, (error) => {
      outgoing.off('close', onClose)
      if (error) reject(new ClientGoneError('closed while writing', { cause: error }))
      else resolve(wasTakenAtOnce)
    })
    // Node gathers what is written in one turn, and hands it over right after.
    process.nextTick(() => {
      wasTakenAtOnce = outgoing.writableLength === 0
    })
  })
}

/** The error of a read that nobody waits for: the first failure is the one reported. */
function ignore(): void {}
