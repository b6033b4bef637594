import type { Listing } from '../mirror/listings.ts'
import type { Digest } from '../oci/digest.ts'
import { type Page, readPart } from '../oci/page.ts'
import type { Repository } from '../oci/repository.ts'
import type { HostedRecords, PushedReferrer, ReferrersPage } from '../store/hosted-records.ts'

/** At once; a longer list is linked further. Many clients read no further than the first page. */
const mostEntries = 10_000

/** Lists of what was pushed here. */
export class HostedLists {
  readonly #records: Pick<HostedRecords, 'listPushedTags' | 'listPushedReferrers'>

  constructor(records: Pick<HostedRecords, 'listPushedTags' | 'listPushedReferrers'>) {
    this.#records = records
  }

  async listTags(repository: Repository, page: Page): Promise<Listing<string>> {
    const read = (wanted: Page) => this.#records.listPushedTags(repository, wanted)
    return { ...(await readPart(page, mostEntries, read)), cache: 'hosted' }
  }

  /** Descriptors of what refers to the digest, which need not be there itself. */
  async listReferrers(
    repository: Repository,
    subject: Digest,
    page: ReferrersPage,
  ): Promise<Listing<unknown>> {
    const limit = Math.min(page.limit, mostEntries)
    const wanted = { ...page, limit }
    const { entries, hasMore } = await this.#records.listPushedReferrers(
      repository,
      subject,
      wanted,
    )
    return { entries: entries.map(toDescriptor), hasMore, cache: 'hosted' }
  }
}

/** distribution-spec §Listing Referrers. */
function toDescriptor(referrer: PushedReferrer) {
  const { mediaType, digest, sizeBytes: size, artifactType, annotations } = referrer
  return {
    mediaType,
    digest,
    size,
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations && { annotations }),
  }
}
