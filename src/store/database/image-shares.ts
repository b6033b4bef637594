import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Schema } from './schema.ts'

export type Shares = { readonly ownBytes: number; readonly sharedBytes: number }

type Child = { readonly digest: Digest; readonly bytes: number; readonly isElsewhere: number }

/** No index lists as many. */
const mostListed = 100

/** Of what is kept of each image of the repository: how much only it needs, and how much others need too. */
export async function shareImages(
  db: Kysely<Schema>,
  repositoryId: number,
  digests: readonly Digest[],
): Promise<ReadonlyMap<Digest, Shares>> {
  const shares = new Map<Digest, Shares>()
  for (const digest of new Set(digests))
    shares.set(digest, await shareImage(db, repositoryId, digest))
  return shares
}

async function shareImage(db: Kysely<Schema>, id: number, digest: Digest): Promise<Shares> {
  const listed = await findListed(db, id, digest)
  const itself = await findItself(db, id, digest)
  const all = [itself, ...listed].map((manifest) => manifest.digest)
  // What an image elsewhere needs too is needed there with all that it names.
  const alone = itself.isElsewhere
    ? []
    : [itself, ...listed.filter(({ isElsewhere }) => !isElsewhere)]
  const manifestBytes = sumOf([itself, ...listed])
  const total = manifestBytes + (await sumBlobs(db, namedBy(all)))
  const names = alone.map((manifest) => manifest.digest)
  const own = sumOf(alone) + (await sumBlobs(db, namedBy(names), neededBeside(names)))
  return { ownBytes: own, sharedBytes: total - own }
}

/** Those manifests of an index that are kept; elsewhere is also under a tag of its own. */
async function findListed(
  db: Kysely<Schema>,
  id: number,
  digest: Digest,
): Promise<readonly Child[]> {
  const { rows } = await sql<Child>`
    select listed.digest, listed.size_bytes as bytes, (
        exists (select 1 from images where digest = listed.digest and repository_id <> ${id})
        or exists (select 1 from tags where repository_id = ${id} and digest = listed.digest)
        or exists (select 1 from manifest_children as other cross join images
          where other.child = listed.digest and other.manifest <> ${digest}
            and images.digest = other.manifest)) as isElsewhere
      from (select child from manifest_children where manifest = ${digest} limit ${mostListed})
        cross join manifests as listed
      where listed.digest = child`.execute(db)
  return rows
}

/** It may have several tags, and be listed by an index; it is needed elsewhere if that is so without this repository. */
async function findItself(db: Kysely<Schema>, id: number, digest: Digest): Promise<Child> {
  const { rows } = await sql<Child>`
    select digest, size_bytes as bytes, (
        exists (select 1 from images where digest = itself.digest and repository_id <> ${id})
        or exists (select 1 from manifest_children as other cross join images
          where other.child = itself.digest and images.digest = other.manifest)) as isElsewhere
      from manifests as itself where digest = ${digest}`.execute(db)
  return rows[0] ?? { digest, bytes: 0, isElsewhere: 0 }
}

function sumOf(manifests: readonly Child[]): number {
  return manifests.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** Manifests are counted by themselves. */
function namedBy(manifests: readonly Digest[]): RawBuilder<unknown> {
  return sql`named.manifest in (${sql.join(manifests)})
    and not exists (select 1 from manifests where digest = named.child)`
}

function neededBeside(manifests: readonly Digest[]): RawBuilder<unknown> {
  return sql`and not exists (select 1 from manifest_children as other cross join images
    where other.child = named.child and other.manifest not in (${sql.join(manifests)})
      and images.digest = other.manifest)`
}

async function sumBlobs(
  db: Kysely<Schema>,
  which: RawBuilder<unknown>,
  further: RawBuilder<unknown> = sql``,
): Promise<number> {
  const { rows } = await sql<{ bytes: number | null }>`
    select sum(size_bytes) as bytes from blobs where digest in (
      select distinct child from manifest_children as named where ${which} ${further})`.execute(db)
  return rows[0]?.bytes ?? 0
}
