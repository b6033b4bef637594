import type { AnyMirror, OfflineState, Served } from '../mirror/any-mirror.ts'
import type { BlobPull } from '../mirror/blob-pull.ts'
import type { BlobHead } from '../mirror/blobs.ts'
import type { Listing, ReferrersPage } from '../mirror/listings.ts'
import type { ManifestPull, Method } from '../mirror/manifests.ts'
import type { RequestedName } from '../mirror/resolve-source.ts'
import type { Digest } from '../oci/digest.ts'
import type { Page, Part } from '../oci/page.ts'
import type { Reference } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import { pushedHere, type Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { RepositoriesPage } from '../store/metadata-store.ts'
import type { UpstreamState } from '../upstream/upstream-state.ts'
import type { HostedLists } from './hosted-lists.ts'
import type { HostedNames } from './hosted-names.ts'
import type { HostedPulls } from './hosted-pulls.ts'

type Settings = {
  readonly mirror: AnyMirror
  readonly names: HostedNames
  readonly pulls: HostedPulls
  readonly lists: HostedLists
}

/**
 * Who answers a pull: with an upstream named, always the mirror; without one a hosted repository of that
 * name, for every tag and digest, so that a private name can't be answered from outside; and the mirror
 * where there is none.
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
    return mirror.pullManifest(source, reference, method)
  }

  async headBlob(source: Source, digest: Digest): Promise<BlobHead> {
    const { mirror, pulls } = this.#settings
    const own = await this.#findOwn(source)
    return own ? pulls.headBlob(own, digest) : mirror.headBlob(source, digest)
  }

  async pullBlob(source: Source, digest: Digest): Promise<BlobPull> {
    const { mirror, pulls } = this.#settings
    const own = await this.#findOwn(source)
    return own ? pulls.pullBlob(own, digest) : mirror.pullBlob(source, digest)
  }

  noteServed(served: Served): void {
    const { mirror, pulls } = this.#settings
    if (served.source.upstream === pushedHere) pulls.noteServed(served)
    else mirror.noteServed(served)
  }

  async listTags(source: Source, page: Page): Promise<Listing<string>> {
    const { mirror, lists } = this.#settings
    const own = await this.#findOwn(source)
    return own ? lists.listTags(own, page) : mirror.listTags(source, page)
  }

  async listReferrers(
    source: Source,
    subject: Digest,
    page: ReferrersPage,
  ): Promise<Listing<unknown>> {
    const { mirror, lists } = this.#settings
    const own = await this.#findOwn(source)
    return own
      ? lists.listReferrers(own, subject, page)
      : mirror.listReferrers(source, subject, page)
  }

  listRepositories(page: RepositoriesPage): Promise<Part<Source>> {
    return this.#settings.mirror.listRepositories(page)
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

  async #findOwn({ own }: Source): Promise<Repository | undefined> {
    return own !== undefined && (await this.#settings.names.has(own)) ? own : undefined
  }
}
