import type { Listing } from '../mirror/listings.ts'
import type { Digest } from '../oci/digest.ts'
import type { Repository } from '../oci/repository.ts'
import type { HostedRecords, PushedReferrer } from '../store/hosted-records.ts'

/** More than a page of any client; lists are cut where they are answered. */
const mostEntries = 100_000

/** Lists of what was pushed here. */
export class HostedLists {
  readonly #records: Pick<HostedRecords, 'listPushedTags' | 'listPushedReferrers'>

  constructor(records: Pick<HostedRecords, 'listPushedTags' | 'listPushedReferrers'>) {
    this.#records = records
  }

  async listTags(repository: Repository): Promise<Listing<string>> {
    const entries = await this.#records.listPushedTags(repository, { limit: mostEntries })
    return { entries, cache: 'hosted' }
  }

  /** Descriptors of what refers to the digest, which need not be there itself. */
  async listReferrers(repository: Repository, subject: Digest): Promise<Listing<unknown>> {
    const page = { limit: mostEntries }
    const found = await this.#records.listPushedReferrers(repository, subject, page)
    return { entries: found.map(toDescriptor), cache: 'hosted' }
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
