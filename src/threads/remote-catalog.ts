import type { Caller } from '../access/caller.ts'
import type {
  AnyCatalog,
  ImageList,
  ImageQuery,
  Inspection,
  KeptDocument,
  RepositoryDetail,
  RepositoryList,
  RepositoryQuery,
  WantedDocument,
} from '../catalog/any-catalog.ts'
import type { Reference } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import type { Calls } from './calls.ts'

/** What a serving thread may call in the main thread, where the database is. */
export type CatalogCalls = {
  listOverviews(query: RepositoryQuery, caller: Caller): Promise<RepositoryList>
  describeRepository(source: Source): Promise<RepositoryDetail>
  listImages(source: Source, query: ImageQuery): Promise<ImageList>
  inspect(source: Source, reference: Reference, platform?: string): Promise<Inspection>
  readDocument(source: Source, wanted: WantedDocument): Promise<KeptDocument>
}

/** The catalog as a serving thread has it. */
export class RemoteCatalog implements AnyCatalog {
  readonly #calls: Calls<CatalogCalls>

  constructor(calls: Calls<CatalogCalls>) {
    this.#calls = calls
  }

  listRepositories(query: RepositoryQuery, caller: Caller): Promise<RepositoryList> {
    return this.#calls.call('listOverviews', query, caller)
  }

  describeRepository(source: Source): Promise<RepositoryDetail> {
    return this.#calls.call('describeRepository', source)
  }

  listImages(source: Source, query: ImageQuery): Promise<ImageList> {
    return this.#calls.call('listImages', source, query)
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
    listOverviews: (query, caller) => catalog.listRepositories(query, caller),
    describeRepository: (source) => catalog.describeRepository(source),
    listImages: (source, query) => catalog.listImages(source, query),
    inspect: (source, reference, platform) => catalog.inspect(source, reference, platform),
    readDocument: (source, wanted) => catalog.readDocument(source, wanted),
  }
}
