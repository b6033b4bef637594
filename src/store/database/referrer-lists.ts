import { type Kysely, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import { maxManifestBytes } from '../../oci/manifest.ts'
import { type Part, readPart } from '../../oci/page.ts'
import type { PushedReferrer, ReferrersPage } from '../hosted-records.ts'
import type { Schema } from './schema.ts'

type Asked = {
  /** The repository's. */
  readonly id: number
  readonly subject: Digest
  readonly page: ReferrersPage
}

/** What stands around the annotations of one: its digest, size, type and names of fields, amply. */
const bytesBeside = 512
const bytesForAll = maxManifestBytes - bytesBeside

/**
 * Images of the repository that name the subject. Annotations may be as long as a manifest: what fits
 * into one is found out before any is read.
 */
export async function listReferrers(
  db: Kysely<Schema>,
  asked: Asked,
): Promise<Part<PushedReferrer>> {
  const { page } = asked
  const found = await readPart(page, page.limit, ({ limit }) =>
    referrersOf(db, asked)
      .select(['manifests.digest', ownBytes])
      .orderBy('manifests.digest')
      .limit(limit)
      .execute(),
  )
  const fitting = countFitting(found.entries)
  const last = found.entries[fitting - 1]
  if (!last) return { entries: [], hasMore: false }
  const rows = await referrersOf(db, asked)
    .select(['manifests.digest', 'size_bytes', 'artifact_type', 'annotations', 'media_type'])
    .where('manifests.digest', '<=', last.digest)
    .orderBy('manifests.digest')
    .execute()
  const hasMore = found.hasMore || fitting < found.entries.length
  return { entries: rows.map(toReferrer), hasMore }
}

const ownBytes = sql<number>`
  octet_length(coalesce(annotations, '')) + octet_length(coalesce(artifact_type, ''))`.as('bytes')

function referrersOf(
  db: Kysely<Schema>,
  { id, subject, page: { after = '', artifactType } }: Asked,
) {
  const ofSubject = db
    .selectFrom('manifests')
    .innerJoin('images', 'images.digest', 'manifests.digest')
    .where('subject', '=', subject)
    .where('repository_id', '=', id)
    .where('manifests.digest', '>', after)
  return artifactType ? ofSubject.where('artifact_type', '=', artifactType) : ofSubject
}

/** One at least: alone it can't be much more than it was as a manifest. */
function countFitting(found: readonly { readonly bytes: number }[]): number {
  let sum = 0
  for (const [index, { bytes }] of found.entries()) {
    sum += bytes + bytesBeside
    if (sum > bytesForAll) return Math.max(1, index)
  }
  return found.length
}

type Row = {
  readonly digest: string
  readonly media_type: string
  readonly size_bytes: number
  readonly artifact_type: string | null
  readonly annotations: string | null
}

function toReferrer(row: Row): PushedReferrer {
  return {
    digest: row.digest as Digest,
    mediaType: row.media_type,
    sizeBytes: row.size_bytes,
    artifactType: row.artifact_type ?? undefined,
    annotations: row.annotations === null ? undefined : JSON.parse(row.annotations),
  }
}
