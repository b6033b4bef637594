import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { BlobPull } from '../mirror/blob-pull.ts'
import type { Lease } from '../mirror/lease.ts'
import type { Digest } from '../oci/digest.ts'
import { requireGrant } from '../oci/grants.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { BlobReader, BlobSource } from '../store/blob-store.ts'
import type { Calls } from './calls.ts'
import type { MainCalls, PlainBlob, PlainLease } from './main-calls.ts'
import { toPlainError } from './plain-error.ts'
import { toRemotePull } from './remote-pull.ts'

type Settings = {
  readonly calls: Calls<MainCalls>
  readonly blobs: BlobSource
  readonly grant: (lease: PlainLease) => Lease
  readonly revoke: (digest: Digest) => void
  readonly noteServed: AnyMirror['noteServed']
  readonly now: () => number
}

type Kept = Extract<PlainBlob, { readonly kind: 'kept' }>
type Leased = Pick<Kept, 'sizeBytes' | 'cache'> & { readonly lease: Lease }

const maxLeased = 50_000
/** A blob may be taken away between the answer and the opening, but hardly each time. */
const maxTries = 5

/** Pulls of blobs in a serving thread: kept ones are read here, the others by the main thread. */
export class LeasedBlobs {
  readonly #settings: Settings
  /** By repository and digest. */
  readonly #leased = new LRUCache<string, Leased>(atMost(maxLeased))

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Throws RegistryError. */
  async pull(source: Source, digest: Digest): Promise<BlobPull> {
    const { calls } = this.#settings
    // Without an upstream named it may be hosted here, and then nobody may have it from that upstream.
    const how = source.own === undefined ? 'named' : 'unnamed'
    const key = `${how} ${formatSource(source)}@${digest}`
    const known = this.#leased.get(key)
    if (known?.lease.isValid(this.#settings.now())) {
      // It may have been granted to somebody else.
      requireGrant(source, known.cache === 'hosted')
      const pull = await this.#open(digest, known)
      if (pull) {
        this.#settings.noteServed({ kind: 'blob', source, digest })
        return pull
      }
    }
    for (let tries = 0; tries < maxTries; tries++) {
      const answer = await calls.call('pullBlob', source, digest)
      if (answer.kind === 'again') continue
      if (answer.kind === 'remote') return toRemotePull(this.#settings, answer)
      const pull = await this.#open(digest, this.#remember(key, answer))
      if (pull) return pull
    }
    throw new RegistryError('UNAVAILABLE', `${digest} is kept, but its file can't be opened`)
  }

  #remember(key: string, { lease, ...kept }: Kept): Leased {
    const leased = {
      sizeBytes: kept.sizeBytes,
      cache: kept.cache,
      lease: this.#settings.grant(lease),
    }
    this.#leased.set(key, leased)
    return leased
  }

  /** Undefined if it is no longer there as it was. */
  async #open(digest: Digest, { lease, sizeBytes, cache }: Leased): Promise<BlobPull | undefined> {
    const opened = await this.#settings.blobs
      .open(digest)
      .catch((error) => this.#doubt(digest, error))
    if (!opened) return undefined
    if (opened.sizeBytes !== sizeBytes) {
      await opened.close()
      return undefined
    }
    const reader = this.#watched(digest, opened)
    return {
      sizeBytes,
      cache,
      lease,
      openRange: async () => ({ reader, cache }),
      close: () => opened.close(),
    }
  }

  /** Lets the main thread know when it can't be read. */
  #watched(digest: Digest, opened: BlobReader): BlobReader {
    const read = async (buffer: Uint8Array, position: number) => {
      try {
        return await opened.read(buffer, position)
      } catch (error) {
        this.#doubt(digest, error)
        throw error
      }
    }
    return { sizeBytes: opened.sizeBytes, read, close: async () => {} }
  }

  #doubt(digest: Digest, error: unknown): undefined {
    this.#settings.revoke(digest)
    this.#settings.calls.tell('doubtBlob', digest, toPlainError(error))
  }
}
