import type { BlobPull } from '../mirror/blob-pull.ts'
import type { BlobReader } from '../store/blob-store.ts'
import type { Calls } from './calls.ts'
import type { MainCalls, PlainBlob, PlainReader } from './main-calls.ts'

type Remote = Extract<PlainBlob, { readonly kind: 'remote' }>

/** A blob that the main thread reads for us, as it arrives from upstream. */
export function toRemotePull(calls: Calls<MainCalls>, { id, sizeBytes, cache }: Remote): BlobPull {
  return {
    sizeBytes,
    cache,
    openRange: async (range, { isOnly }) => {
      const opened = await calls.call('openRange', id, range, isOnly)
      return { reader: toRemoteReader(calls, opened, sizeBytes), cache: opened.cache }
    },
    close: () => calls.call('closePull', id),
  }
}

function toRemoteReader(
  calls: Calls<MainCalls>,
  { readerId, isGrowing }: PlainReader,
  sizeBytes: number,
): BlobReader {
  const view = async (position: number) => {
    const place = await calls.call('view', readerId, position)
    return place && Buffer.from(place.buffer, place.offset, place.length)
  }
  return {
    sizeBytes,
    read: (bytes, position) => readInto(calls, readerId, { bytes, position }),
    ...(isGrowing && { view }),
    close: () => calls.call('closeReader', readerId),
  }
}

/** Straight into memory that both threads see; other memory costs a copy. */
async function readInto(
  calls: Calls<MainCalls>,
  readerId: number,
  { bytes, position }: { bytes: Uint8Array; position: number },
): Promise<number> {
  const { buffer, byteOffset: offset, length } = bytes
  if (buffer instanceof SharedArrayBuffer) {
    return calls.call('read', readerId, { buffer, offset, length }, position)
  }
  const shared = new SharedArrayBuffer(length)
  const count = await calls.call('read', readerId, { buffer: shared, offset: 0, length }, position)
  bytes.set(new Uint8Array(shared, 0, count))
  return count
}
