import { setImmediate } from 'node:timers/promises'
import { type Digest, isDigest } from '../oci/digest.ts'
import { requireGrant } from '../oci/grants.ts'
import { type Page, type Part, readPart } from '../oci/page.ts'
import type { Reference } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { formatSource, ownSource, pushedHere, type Source } from '../oci/source.ts'
import type { TaggedRecord } from '../store/catalog-records.ts'
import type { Stores } from '../store/open-stores.ts'
import type {
  AnyCatalog,
  ImageList,
  ImageOverview,
  Inspection,
  KeptDocument,
  RepositoryOverview,
  WantedDocument,
} from './any-catalog.ts'
import { DescribedImages } from './described-images.ts'
import { Inspector } from './inspector.ts'
import { KeptDocuments } from './kept-documents.ts'

const mostRepositories = 1000
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
  readonly #described: DescribedImages
  readonly #inspector: Inspector

  constructor(stores: Stores) {
    this.#stores = stores
    const documents = new KeptDocuments(stores)
    this.#described = new DescribedImages(stores, documents)
    this.#inspector = new Inspector({ stores, documents, described: this.#described })
  }

  async listRepositories(page: Page): Promise<Part<RepositoryOverview>> {
    const read = (wanted: Page) => this.#stores.catalog.describeRepositories(wanted)
    const { entries, hasMore } = await readPart(page, mostRepositories, read)
    return {
      entries: entries.map((each) => ({ ...nameOf(each.source), ...each })),
      hasMore,
    }
  }

  async listImages(requested: Source, page: Page): Promise<ImageList> {
    const source = await this.#findKept(requested)
    const read = (wanted: Page) => this.#stores.catalog.listTagged(source, wanted)
    const { entries: tagged, hasMore } = await readPart(page, mostImages, read)
    const entries: ImageOverview[] = []
    for (const [at, each] of tagged.entries()) {
      if (at % imagesAtOnce === 0) await setImmediate()
      const image = await this.#describe(source, each)
      if (image) entries.push(image)
    }
    return { ...nameOf(source), entries, hasMore }
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

  async #describe(
    source: Source,
    { tag, digest, manifestBytes: sizeBytes, image, lastPulledAt }: TaggedRecord,
  ): Promise<ImageOverview | undefined> {
    const described = image
      ? await this.#described.describe(source, { digest, sizeBytes, ...image })
      : await this.#described.find(source, digest)
    return described && { tag, ...described, lastPulledAt }
  }

  /** A hosted repository comes first, where no upstream is named. */
  async #findKept(source: Source): Promise<Source> {
    const { hosted, metadata } = this.#stores
    const { own } = source
    // Also one that is empty by now: nobody else's images are pulled under its name.
    const isOwn = own !== undefined && (await hosted.isHosted(own))
    requireGrant(source, isOwn)
    if (isOwn) return ownSource(own)
    if (await metadata.hasImages(source)) return source
    const what = `nothing of ${formatSource(source)} is kept here, and nothing was pushed to it`
    throw new RegistryError('NAME_UNKNOWN', what)
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

function nameOf(source: Source): Pick<RepositoryOverview, 'name' | 'isHosted'> {
  return { name: formatSource(source), isHosted: source.upstream === pushedHere }
}
