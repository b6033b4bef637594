import type { Digest } from '../oci/digest.ts'
import type { Repository } from '../oci/repository.ts'
import { pushedHere } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { Stores } from '../store/open-stores.ts'
import { needingRoom } from './needing-room.ts'

type Settings = {
  readonly stores: Pick<Stores, 'blobs' | 'hosted' | 'metadata' | 'holds' | 'health'>
  /** Whether anybody may pull what was fetched from there. */
  readonly isOpen: (upstream: UpstreamName) => boolean
  readonly now: () => number
}

/** A promise made this long ago is renewed, which costs a write: it holds for an hour at least. */
const renewAfterMs = 10 * 60_000

/** Which blobs a repository has, and which it may be given without an upload. */
export class HostedBlobs {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  async has(repository: Repository, digest: Digest): Promise<boolean> {
    return (await this.#settings.stores.hosted.findPushedBlob(repository, digest)) !== undefined
  }

  /**
   * Answers a client that asks before it pushes: the size of a blob that the repository has, or gets now
   * since it was mirrored from where anybody may pull it. A client that hears of it doesn't upload it,
   * and so it stays while a push may be under way. Undefined if it must be uploaded.
   */
  async promise(repository: Repository, digest: Digest): Promise<number | undefined> {
    const { stores, now } = this.#settings
    const known = await stores.hosted.findPushedBlob(repository, digest)
    if (!known && !(await this.#isOpen(digest))) return undefined
    if (!known || known.linkedAt < now() - renewAfterMs) return this.#link(repository, digest)
    return this.#findWhole(digest)
  }

  /**
   * The repository has what `from` has. Without it, or where it hasn't got the blob, only what `promise`
   * gives. False if it must be uploaded.
   */
  async mount(repository: Repository, digest: Digest, from?: Repository): Promise<boolean> {
    const isThere = from !== undefined && (await this.has(from, digest))
    const act = isThere ? this.#link(repository, digest) : this.promise(repository, digest)
    return (await act) !== undefined
  }

  /**
   * Nothing that was pushed here: it is only for who may read the repository it was pushed to. And no
   * manifest: served as a blob it would poison containerd's store (containerd#13007).
   */
  async #isOpen(digest: Digest): Promise<boolean> {
    const { metadata } = this.#settings.stores
    const known = await metadata.findBlob(digest)
    if (!known || known.origin === pushedHere || !this.#settings.isOpen(known.origin)) return false
    return !(await metadata.isManifestKept(digest))
  }

  /** Its size; undefined if it isn't kept, or was cut short: whoever pushes it then makes it whole. */
  async #findWhole(digest: Digest): Promise<number | undefined> {
    const { blobs, metadata } = this.#settings.stores
    const [sizeBytes, known] = [await blobs.find(digest), await metadata.findBlob(digest)]
    return sizeBytes === known?.sizeBytes ? sizeBytes : undefined
  }

  /** The repository has it from now on, whoever had it before. False if it isn't kept. */
  async take(repository: Repository, digest: Digest): Promise<boolean> {
    return (await this.#link(repository, digest)) !== undefined
  }

  #link(repository: Repository, digest: Digest): Promise<number | undefined> {
    const { stores, now } = this.#settings
    return stores.holds.during(digest, async () => {
      const sizeBytes = await this.#findWhole(digest)
      if (sizeBytes === undefined) return undefined
      const link = () => stores.hosted.linkPushed(repository, [{ digest, sizeBytes }], now())
      await needingRoom(link, stores)
      return sizeBytes
    })
  }
}
