import { setImmediate } from 'node:timers/promises'
import type { Access } from '../access/access.ts'
import type { Caller } from '../access/caller.ts'
import { type Digest, isDigest } from '../oci/digest.ts'
import { requireGrant } from '../oci/grants.ts'
import type { Reference } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { formatSource, ownSource, pushedHere, type Source } from '../oci/source.ts'
import { refuseKindly } from '../store/ledger-refusal.ts'
import type { Stores } from '../store/open-stores.ts'
import type { TagFigures } from '../store/overview-records.ts'
import type {
  AnyCatalog,
  ImageList,
  ImageOverview,
  ImageQuery,
  Inspection,
  KeptDocument,
  RepositoryDetail,
  RepositoryList,
  RepositoryQuery,
  WantedDocument,
} from './any-catalog.ts'
import { DescribedImages } from './described-images.ts'
import { Inspector } from './inspector.ts'
import { KeptDocuments } from './kept-documents.ts'
import { firstPullDay, pullDays } from './pull-days.ts'
import { Repositories } from './repositories.ts'

type Settings = {
  readonly stores: Stores
  readonly access: Pick<Access, 'may' | 'mayPullAll'>
  readonly now: () => number
  readonly onError: (error: unknown, what: string) => void
}

/** Each may have to be read from the disk. */
const mostImages = 200
/** Between so many requests are served. */
const imagesAtOnce = 10

/**
 * The room of what is kept as people look at it: which repositories there are, what their images say of
 * themselves, what they consist of. It reads what the others have written, and decides nothing.
 */
export class Catalog implements AnyCatalog {
  readonly #stores: Stores
  readonly #now: () => number
  readonly #repositories: Repositories
  readonly #described: DescribedImages
  readonly #inspector: Inspector

  constructor({ stores, access, now, onError }: Settings) {
    this.#stores = stores
    this.#now = now
    this.#repositories = new Repositories({ stores, access, now, onError })
    const documents = new KeptDocuments(stores)
    this.#described = new DescribedImages(stores, documents)
    this.#inspector = new Inspector({ stores, documents, described: this.#described })
  }

  /** Something was pushed, removed or evicted. */
  noteChange(): void {
    this.#repositories.noteChange()
  }

  listRepositories(query: RepositoryQuery, caller: Caller): Promise<RepositoryList> {
    return this.#repositories.list(query, caller)
  }

  async describeRepository(requested: Source): Promise<RepositoryDetail> {
    const source = await this.#findKept(requested)
    return (await this.#repositories.describe(source)) ?? refuseUnknown(source)
  }

  async listImages(requested: Source, query: ImageQuery): Promise<ImageList> {
    const source = await this.#findKept(requested)
    const limit = Math.min(query.limit, mostImages)
    const days = { pullsSince: firstPullDay(this.#now()), days: pullDays }
    const { overviews } = this.#stores
    const asked = overviews.listTagsInOrder(source, { ...query, ...days, limit })
    const { tags, total, hasMore } = (await asked.catch(refuseKindly)) ?? refuseUnknown(source)
    const entries: ImageOverview[] = []
    for (const [at, each] of tags.entries()) {
      if (at % imagesAtOnce === 0) await setImmediate()
      const image = await this.#describe(source, each)
      if (image) entries.push(image)
    }
    return { ...nameOf(source), entries, hasMore, total }
  }

  close(): void {
    this.#repositories.close()
  }

  async inspect(
    requested: Source,
    reference: Reference,
    platform?: string | undefined,
  ): Promise<Inspection> {
    const source = await this.#findKept(requested)
    const digest = await this.#findDigest(source, reference)
    const found = digest && (await this.#inspector.inspect(source, digest, platform))
    if (found) return { ...nameOf(source), ...found }
    throw notKept(source, reference)
  }

  async readDocument(requested: Source, wanted: WantedDocument): Promise<KeptDocument> {
    const source = await this.#findKept(requested)
    const digest = await this.#findDigest(source, wanted.reference)
    const found = digest && (await this.#inspector.readDocument(source, digest, wanted))
    if (found) return { name: formatSource(source), ...found }
    throw notKept(source, wanted.reference)
  }

  /** Undefined for what the repository only names, and hasn't got. */
  async #describe(source: Source, figures: TagFigures): Promise<ImageOverview | undefined> {
    const { mediaType, manifestBytes, ...rest } = figures
    if (mediaType === undefined) {
      const found = await this.#described.find(source, rest.digest)
      return found && { ...rest, ...found }
    }
    const facts = await this.#described.readFacts(source, rest.digest, manifestBytes)
    return { ...rest, mediaType, ...facts }
  }

  /** A hosted repository comes first, where no upstream is named. */
  async #findKept(source: Source): Promise<Source> {
    const { hosted, metadata } = this.#stores
    const { own } = source
    // Also one that is empty by now: nobody else's images are pulled under its name.
    const isOwn = own !== undefined && (await hosted.isHosted(own))
    requireGrant(source, isOwn)
    if (isOwn) return ownSource(own)
    return (await metadata.hasImages(source)) ? source : refuseUnknown(source)
  }

  async #findDigest(source: Source, reference: Reference): Promise<Digest | undefined> {
    if (isDigest(reference)) return reference
    const tag = await this.#stores.metadata.findTag(source, reference)
    return tag?.goneAt === undefined ? tag?.digest : undefined
  }
}

function notKept(source: Source, reference: Reference): RegistryError {
  const what = isDigest(reference) ? `@${reference}` : `:${reference}`
  return new RegistryError('MANIFEST_UNKNOWN', `${formatSource(source)}${what} is not kept here`)
}

function refuseUnknown(source: Source): never {
  const what = `nothing of ${formatSource(source)} is kept here, and nothing was pushed to it`
  throw new RegistryError('NAME_UNKNOWN', what)
}

function nameOf(source: Source): Pick<ImageList, 'name' | 'isHosted'> {
  return { name: formatSource(source), isHosted: source.upstream === pushedHere }
}
