import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { Digest } from '../oci/digest.ts'
import type { BlobReader, BlobStore } from '../store/blob-store.ts'
import { StoreFaultError } from '../store/store-fault.ts'
import type { BlobAccess } from './blob-access.ts'
import type { BlobPull } from './blob-pull.ts'
import type { Leases } from './leases.ts'
import type { UnrecordedBlobs } from './unrecorded-blobs.ts'

type Settings = {
  readonly blobs: BlobStore
  readonly access: BlobAccess
  readonly leases: Leases
  readonly unrecorded: Pick<UnrecordedBlobs, 'isRight'>
  readonly onError: (error: unknown, what: string) => void
}

/** How a blob stands as it is pulled. */
type Standing = {
  /** Of the leases, before anything was looked up. */
  readonly revokedCount: number
  readonly isProven: boolean
}

const maxDoubtful = 10_000

/** Blobs that lie in the store, whole as far as one can see without reading them. */
export class KeptBlobs {
  readonly #settings: Settings
  /** Couldn't be read the last time. */
  readonly #doubtful = new LRUCache<Digest, true>(atMost(maxDoubtful))

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /**
   * Undefined if it isn't kept, or is damaged and so to be fetched again: the file stays until there is
   * another in its place, which somebody may be pushing just now.
   */
  async open(digest: Digest): Promise<BlobReader | undefined> {
    const { blobs, access, leases, unrecorded, onError } = this.#settings
    const kept = await blobs.open(digest)
    if (!kept) return undefined
    const recordedBytes = await access.findRecordedSize(digest)
    if (recordedBytes === kept.sizeBytes) return kept
    await kept.close()
    if (recordedBytes === undefined) {
      const isRight = await unrecorded.isRight(digest, kept.sizeBytes)
      return isRight ? blobs.open(digest) : undefined
    }
    // By now somebody may have pushed it anew.
    if ((await blobs.find(digest)) !== kept.sizeBytes) return blobs.open(digest)
    leases.revoke(digest)
    const what = `${digest} has ${kept.sizeBytes} bytes on disk and not what was kept`
    onError(new Error(what), 'a damaged blob is fetched again')
    return undefined
  }

  /** Whether it couldn't be read the last time, and so is better fetched again if that is possible. */
  isDoubtful(digest: Digest): boolean {
    return this.#doubtful.has(digest)
  }

  /**
   * For whoever fetches it again; only one does. The disk may have failed for a moment only, so the
   * file stays until there is another in its place.
   */
  takeDoubt(digest: Digest): boolean {
    return this.#doubtful.delete(digest)
  }

  /** It couldn't be read. */
  doubt(digest: Digest): void {
    this.#doubtful.set(digest, true)
    this.#settings.leases.revoke(digest)
  }

  /** What is not proven to belong to its repository has no lease: the next pull asks anew. */
  toPull(digest: Digest, kept: BlobReader, { revokedCount, isProven }: Standing): BlobPull {
    const { sizeBytes } = kept
    const { leases } = this.#settings
    const mayLease =
      isProven && !leases.wasRevoked(digest, revokedCount) && !this.isDoubtful(digest)
    const read = async (buffer: Uint8Array, position: number) => {
      try {
        return await kept.read(buffer, position)
      } catch (error) {
        if (error instanceof StoreFaultError) this.doubt(digest)
        throw error
      }
    }
    const reader: BlobReader = { sizeBytes, read, close: async () => {} }
    return {
      sizeBytes,
      cache: 'hit',
      ...(mayLease && { lease: leases.grant(digest) }),
      openRange: async () => ({ reader, cache: 'hit' }),
      close: () => kept.close(),
    }
  }
}
