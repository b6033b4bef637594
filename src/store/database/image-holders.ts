import { type Kysely, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Holders, ImageKey } from '../space-records.ts'
import type { Schema } from './schema.ts'

/** See SpaceRecords. */
export async function findHolders(db: Kysely<Schema>, image: ImageKey): Promise<Holders> {
  const listedBy = await findListing(db, image)
  const parts = await findParts(db, image)
  const { repositoryId, digest } = image
  const { rows } = await sql<{ tag: Tag }>`
    select tag from tags where repository_id = ${repositoryId} and digest = ${digest}`.execute(db)
  return { tags: rows.map(({ tag }) => tag), listedBy, parts }
}

/** An index may be listed by another (image-spec, image-index.md): its own digest makes circles impossible. */
async function findListing(
  db: Kysely<Schema>,
  { repositoryId, digest }: ImageKey,
): Promise<Holders['listedBy']> {
  const { rows } = await sql<{ digest: Digest; tag: Tag | null }>`
    with recursive listing (digest) as (
      select ${digest}
      union
      select images.digest from listing cross join manifest_children cross join images
        where manifest_children.child = listing.digest and images.repository_id = ${repositoryId}
          and images.digest = manifest_children.manifest)
    select listing.digest, tags.tag from listing
      left join tags on tags.repository_id = ${repositoryId} and tags.digest = listing.digest
    where listing.digest <> ${digest}`.execute(db)
  const tagsOf = new Map<Digest, Tag[]>()
  for (const { digest: index, tag } of rows) {
    const known = tagsOf.get(index) ?? []
    if (tag !== null) known.push(tag)
    tagsOf.set(index, known)
  }
  return [...tagsOf].map(([index, tags]) => ({ repositoryId, digest: index, tags }))
}

async function findParts(
  db: Kysely<Schema>,
  { repositoryId, digest }: ImageKey,
): Promise<readonly Digest[]> {
  const { rows } = await sql<{ digest: Digest }>`
    select images.digest from manifest_children cross join images
      where manifest_children.manifest = ${digest}
        and images.repository_id = ${repositoryId}
        and images.digest = manifest_children.child`.execute(db)
  return rows.map((row) => row.digest)
}
