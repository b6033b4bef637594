import type { BlobPull } from '../mirror/blob-pull.ts'
import type { BlobReader, BlobSource } from '../store/blob-store.ts'
import type { Calls } from './calls.ts'
import type { MainCalls, PlainBlob } from './main-calls.ts'
import { RemoteGrowing } from './remote-growing.ts'

type Remote = Extract<PlainBlob, { readonly kind: 'remote' }>

type Parts = { readonly calls: Calls<MainCalls>; readonly blobs: BlobSource }

/** A blob that arrives from upstream, in the main thread. */
export function toRemotePull(parts: Parts, { id, sizeBytes, cache }: Remote): BlobPull {
  const { calls } = parts
  return {
    sizeBytes,
    cache,
    openRange: async (range, { isOnly }) => {
      const { readerId, cache, place } = await calls.call('openRange', id, range, isOnly)
      const remote = toRemoteReader(calls, readerId, sizeBytes)
      const reader = place ? new RemoteGrowing({ ...parts, readerId, place }, remote) : remote
      return { reader, cache }
    },
    close: () => calls.call('closePull', id),
  }
}

function toRemoteReader(calls: Calls<MainCalls>, readerId: number, sizeBytes: number): BlobReader {
  return {
    sizeBytes,
    read: async (buffer, position) => {
      const bytes = await calls.call('read', readerId, buffer.length, position)
      buffer.set(bytes)
      return bytes.length
    },
    close: () => calls.call('closeReader', readerId),
  }
}
