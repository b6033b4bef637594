import { sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Repository } from '../../oci/repository.ts'
import { pushedHere } from '../../oci/source.ts'
import type { UpstreamName } from '../../oci/upstream-name.ts'
import type {
  MeasuredParts,
  MirroredPage,
  MirroredRepository,
  NamedImage,
  NamedPage,
  PartsRecords,
  PinnedImages,
} from '../parts-records.ts'
import type { Database } from './database.ts'
import type { LedgerReader } from './ledger-reader.ts'

type NamedRow = { readonly digest: Digest; readonly tag: Tag | null }

export class DatabasePartsRecords implements PartsRecords {
  readonly #database: Database
  readonly #reader: LedgerReader

  constructor(database: Database, reader: LedgerReader) {
    this.#database = database
    this.#reader = reader
  }

  async listMirrored({ after = 0, limit }: MirroredPage): Promise<readonly MirroredRepository[]> {
    const rows = await this.#database.queries
      .selectFrom('repositories')
      .select(['id', 'upstream', 'name'])
      .where('upstream', '<>', pushedHere)
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute()
    return rows.map(({ id, upstream, name }) => ({
      id,
      source: { upstream: upstream as UpstreamName, repository: name as Repository },
    }))
  }

  async listNamed({ repositoryId, after, limit }: NamedPage): Promise<readonly NamedImage[]> {
    const { rows } = await sql<NamedRow>`
      select page.digest, tags.tag from (
          select digest from images
          where repository_id = ${repositoryId} and pushed_at is null and digest > ${after ?? ''}
          order by digest limit ${limit}) page
        left join tags on tags.repository_id = ${repositoryId} and tags.digest = page.digest
      order by page.digest`.execute(this.#database.queries)
    const named = new Map<Digest, Tag[]>()
    for (const { digest, tag } of rows) {
      const tags = named.get(digest) ?? []
      if (tag !== null) tags.push(tag)
      named.set(digest, tags)
    }
    return [...named].map(([digest, tags]) => ({ digest, tags }))
  }

  measureParts(pinned: PinnedImages): Promise<MeasuredParts> {
    return this.#reader.ask({ what: 'parts', pinned })
  }
}
