import type { Digest } from '../oci/digest.ts'
import { ociIndex } from '../oci/media-type.ts'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { Asking } from './asking.ts'
import { fetchList } from './fetch-list.ts'

/** What an upstream lists: tags, and what refers to an image. */
export class UpstreamLists {
  readonly #upstream: UpstreamName
  readonly #asking: Asking

  constructor(upstream: UpstreamName, asking: Asking) {
    this.#upstream = upstream
    this.#asking = asking
  }

  /** All tags, in upstream's order. Throws UpstreamError. */
  async fetchTags(repository: Repository): Promise<readonly string[]> {
    const path = `/v2/${repository}/tags/list?n=1000`
    const list = { repository, path, accept: 'application/json', field: 'tags' }
    const entries = await this.#asking.ask({ key: `tags ${repository}` }, (endpoint) =>
      fetchList(this.#upstream, endpoint, list),
    )
    return entries.filter((entry) => typeof entry === 'string')
  }

  /**
   * Descriptors of what refers to `digest`, as upstream gave them (distribution-spec §Listing
   * Referrers). Throws UpstreamError.
   */
  fetchReferrers(repository: Repository, digest: Digest): Promise<readonly unknown[]> {
    const path = `/v2/${repository}/referrers/${digest}`
    const list = { repository, path, accept: ociIndex, field: 'manifests' }
    const question = { key: `referrers ${repository} ${digest}`, isAboutReferrers: true }
    return this.#asking.ask(question, (endpoint) => fetchList(this.#upstream, endpoint, list))
  }
}
