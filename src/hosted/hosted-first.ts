import type { AnyMirror, OfflineState, Served } from '../mirror/any-mirror.ts'
import type { BlobPull } from '../mirror/blob-pull.ts'
import type { BlobHead } from '../mirror/blobs.ts'
import type { Listing, ReferrersPage } from '../mirror/listings.ts'
import type { ManifestPull, Method } from '../mirror/manifests.ts'
import type { RequestedName } from '../mirror/resolve-source.ts'
import type { WantedWarming, Warmed } from '../mirror/warming.ts'
import type { Digest } from '../oci/digest.ts'
import { requireGrant } from '../oci/grants.ts'
import type { Page, Part } from '../oci/page.ts'
import type { Reference } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import { pushedHere, type Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { RepositoriesPage } from '../store/metadata-store.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import type { HostedBlobs } from './hosted-blobs.ts'
import type { HostedLists } from './hosted-lists.ts'
import type { HostedNames } from './hosted-names.ts'
import { type HostedPulls, missing } from './hosted-pulls.ts'

type Settings = {
  readonly mirror: AnyMirror
  readonly names: HostedNames
  readonly blobs: HostedBlobs
  readonly pulls: HostedPulls
  readonly lists: HostedLists
  /** Whether it may be a hosted repository's name. */
  readonly isOwnName: (repository: Repository) => boolean
  /** Hears of a question that a push may begin with. */
  readonly onAsked: (repository: Repository) => void
  /** Whether somebody may be pushing to it just now. */
  readonly isPushing: (repository: Repository) => boolean
  /** Whether an image of it is kept. */
  readonly isMirrored: (source: Source) => Promise<boolean>
}

type Empty<T> = {
  readonly code: 'MANIFEST_UNKNOWN' | 'NAME_UNKNOWN'
  /** What it answers; without it, an error of that code. */
  readonly nothing?: (own: Repository) => Promise<T>
  /** Whether clients ask for it as they push. */
  readonly isForPush?: boolean
}

/**
 * Who answers a pull: with an upstream named, always the mirror; without one a hosted repository of that
 * name, for every tag and digest, so that a private name can't be answered from outside; and the mirror
 * where there is none.
 *
 * A first push looks around before there is a repository. Where nothing is mirrored under its name it
 * finds an empty one, unless the default upstream has it; and a question for a blob, which only who
 * pushes asks of an image that was never pulled, doesn't go there at all.
 */
export class HostedFirst implements AnyMirror {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  get generation(): number {
    return this.#settings.mirror.generation
  }

  resolve(requested: RequestedName): Source {
    return this.#settings.mirror.resolve(requested)
  }

  resolveUpstream(requested: Pick<RequestedName, 'view' | 'ns'>): UpstreamName | undefined {
    return this.#settings.mirror.resolveUpstream(requested)
  }

  async pullManifest(source: Source, reference: Reference, method: Method): Promise<ManifestPull> {
    const { mirror, pulls } = this.#settings
    const own = await this.#findOwn(source)
    if (own) return pulls.pullManifest(own, reference, method)
    const pulled = this.#unleasedOnceOwn(source, mirror.pullManifest(source, reference, method))
    if (method === 'GET') return pulled
    return this.#unlessEmpty(source, pulled, { code: 'MANIFEST_UNKNOWN', isForPush: true })
  }

  async headBlob(source: Source, digest: Digest): Promise<BlobHead> {
    const { mirror, pulls } = this.#settings
    const pushable = this.#findPushable(source)
    if (pushable !== undefined) return this.#headBlobForPush(source, pushable, digest)
    const own = await this.#findOwn(source)
    return own ? pulls.headBlob(own, digest) : mirror.headBlob(source, digest)
  }

  async pullBlob(source: Source, digest: Digest): Promise<BlobPull> {
    const { mirror, pulls, blobs } = this.#settings
    const own = await this.#findOwn(source)
    if (own) return pulls.pullBlob(own, digest)
    // Of an image whose manifest is still to come.
    const pushed = this.#findPushable(source)
    const isPushed = pushed !== undefined && (await blobs.has(pushed, digest))
    return isPushed ? pulls.pullBlob(pushed, digest) : mirror.pullBlob(source, digest)
  }

  noteServed(served: Served): void {
    const { mirror, pulls } = this.#settings
    if (served.source.upstream === pushedHere) pulls.noteServed(served)
    else mirror.noteServed(served)
  }

  async listTags(source: Source, page: Page): Promise<Listing<string>> {
    const { mirror, lists } = this.#settings
    const own = await this.#findOwn(source)
    if (own) return lists.listTags(own, page)
    const listed = mirror.listTags(source, page)
    return this.#unlessEmpty(source, listed, { code: 'NAME_UNKNOWN' })
  }

  async listReferrers(
    source: Source,
    subject: Digest,
    page: ReferrersPage,
  ): Promise<Listing<unknown>> {
    const { mirror, lists } = this.#settings
    const own = await this.#findOwn(source)
    if (own) return lists.listReferrers(own, subject, page)
    const listed = mirror.listReferrers(source, subject, page)
    const nothing = (empty: Repository) => lists.listReferrers(empty, subject, page)
    return this.#unlessEmpty(source, listed, { code: 'MANIFEST_UNKNOWN', nothing })
  }

  listRepositories(page: RepositoriesPage): Promise<Part<Source>> {
    return this.#settings.mirror.listRepositories(page)
  }

  async warm(source: Source, wanted: WantedWarming): Promise<Warmed> {
    const own = await this.#findOwn(source)
    if (own === undefined) return this.#settings.mirror.warm(source, wanted)
    const what = `${own} was pushed here: all of it is here, and nothing is fetched`
    throw new RegistryError('DENIED', what)
  }

  describeUpstreams(): Promise<readonly UpstreamState[]> {
    return this.#settings.mirror.describeUpstreams()
  }

  describeOffline(): Promise<OfflineState> {
    return this.#settings.mirror.describeOffline()
  }

  switchOffline(isOn: boolean): Promise<void> {
    return this.#settings.mirror.switchOffline(isOn)
  }

  async #headBlobForPush(source: Source, own: Repository, digest: Digest): Promise<BlobHead> {
    const { mirror, names, blobs, onAsked, isMirrored } = this.#settings
    onAsked(own)
    const sizeBytes = await blobs.promise(own, digest)
    if (sizeBytes !== undefined) return { sizeBytes, cache: 'hosted' }
    const isOnlyOwn =
      source.grants?.pullMirrored === false || (await names.has(own)) || !(await isMirrored(source))
    if (isOnlyOwn) throw missing('BLOB_UNKNOWN', own, digest)
    return mirror.headBlob(source, digest)
  }

  /** Undefined where the mirror answers. Throws RegistryError where whoever asks may not pull what there is. */
  async #findOwn(source: Source): Promise<Repository | undefined> {
    const { own, grants } = source
    const isOwn = own !== undefined && (await this.#settings.names.has(own))
    // Who may push there finds a repository to which nothing was pushed yet.
    if (!isOwn && grants?.pullMirrored === false && this.#findPushable(source) !== undefined)
      throw new RegistryError('NAME_UNKNOWN', `nothing was pushed to ${own} here yet`)
    requireGrant(source, isOwn)
    return isOwn ? own : undefined
  }

  /** Where the name became ours meanwhile, what the mirror answers isn't to be answered again. */
  async #unleasedOnceOwn(source: Source, pulling: Promise<ManifestPull>): Promise<ManifestPull> {
    const { lease, ...pull } = await pulling
    return lease && !(await this.#findOwn(source)) ? { ...pull, lease } : pull
  }

  #findPushable({ own, grants }: Source): Repository | undefined {
    const mayPush = own !== undefined && grants?.pushOwn !== false
    return mayPush && this.#settings.isOwnName(own) ? own : undefined
  }

  /**
   * What the mirror answers, or else what a repository that nothing was pushed to yet does. An upstream
   * that can't say may have it, and then that is said; but to who is pushing, as it does towards its end.
   */
  async #unlessEmpty<T>(source: Source, answer: Promise<T>, empty: Empty<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      const own = this.#findPushable(source)
      const isEmpty = own !== undefined && !(await this.#settings.isMirrored(source))
      if (!isEmpty || !(error instanceof RegistryError)) throw error
      const canSay = error.status < 429
      if (!canSay && !(empty.isForPush && this.#settings.isPushing(own))) throw error
      if (empty.nothing) return empty.nothing(own)
      const what = `nothing was pushed to ${own} here yet; and ${error.message}`
      throw new RegistryError(empty.code, what, { cause: error.cause })
    }
  }
}
