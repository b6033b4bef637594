import type {
  AnyCatalog,
  ImageList,
  Inspection,
  KeptDocument,
  RepositoryOverview,
  WantedDocument,
} from '../catalog/any-catalog.ts'
import type { Page, Part } from '../oci/page.ts'
import type { Reference } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { Calls } from './calls.ts'

/** What a serving thread may call in the main thread, where the database is. */
export type CatalogCalls = {
  listOverviews(page: Page): Promise<Part<RepositoryOverview>>
  listImages(source: Source, page: Page): Promise<ImageList>
  inspect(source: Source, reference: Reference, platform?: string): Promise<Inspection>
  readDocument(source: Source, wanted: WantedDocument): Promise<KeptDocument>
}

/** The catalog as a serving thread has it. */
export class RemoteCatalog implements AnyCatalog {
  readonly #calls: Calls<CatalogCalls>

  constructor(calls: Calls<CatalogCalls>) {
    this.#calls = calls
  }

  listRepositories(page: Page): Promise<Part<RepositoryOverview>> {
    return this.#calls.call('listOverviews', page)
  }

  listImages(source: Source, page: Page): Promise<ImageList> {
    return this.#calls.call('listImages', source, page)
  }

  inspect(source: Source, reference: Reference, platform?: string): Promise<Inspection> {
    return this.#calls.call('inspect', source, reference, platform)
  }

  readDocument(source: Source, wanted: WantedDocument): Promise<KeptDocument> {
    return this.#calls.call('readDocument', source, wanted)
  }
}

/** What the main thread has for it. */
export function catalogCalls(catalog: AnyCatalog): CatalogCalls {
  return {
    listOverviews: (page) => catalog.listRepositories(page),
    listImages: (source, page) => catalog.listImages(source, page),
    inspect: (source, reference, platform) => catalog.inspect(source, reference, platform),
    readDocument: (source, wanted) => catalog.readDocument(source, wanted),
  }
}
