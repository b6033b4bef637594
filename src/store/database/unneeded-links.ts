import { setImmediate } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Repository } from '../../oci/repository.ts'
import type { LinkPage } from '../unowned-records.ts'
import type { Schema } from './schema.ts'

/** Links of one repository that follow each other, by digest; both ends are among them. */
export type LinkRange = {
  readonly repositoryId: number
  readonly name: Repository
  readonly first: Digest
  readonly last: Digest
  readonly count: number
  /** How many images the repository has; `fewImages` + 1 stands for any number more. */
  readonly images: number
}

export type UnneededLink = { readonly digest: Digest; readonly linked_at: number }

/** `is_unneeded` is null where a look at some manifests wasn't enough. */
type UndecidedLink = UnneededLink & { readonly is_unneeded: number | null }

/** As many as can all be asked what they name, for each page of links. */
const fewImages = 100
/** How many of the manifests that name a digest are looked at; some are named by all there are. */
const fewParents = 16
/** Lookups of an image's child that take some milliseconds. */
const imagesPerLook = 500

/** The next links of what was pushed, as ranges. */
export async function listLinkRanges(
  db: Kysely<Schema>,
  { after, limit }: LinkPage,
): Promise<readonly LinkRange[]> {
  const { repositoryId = -1, digest = '' } = after ?? {}
  const { rows } = await sql<LinkRange>`
    select page.repository_id as "repositoryId", repositories.name,
      min(page.digest) as first, max(page.digest) as last, count(*) as count,
      (select count(*) from (
        select 1 from images where images.repository_id = page.repository_id
        limit ${fewImages + 1}) some) as images
    from (
      select repository_id, digest from repository_blobs
      where linked_at is not null and (repository_id, digest) > (${repositoryId}, ${digest})
      order by repository_id, digest limit ${limit}) page
      join repositories on repositories.id = page.repository_id
    group by page.repository_id, repositories.name
    order by page.repository_id`.execute(db)
  return rows
}

/** Those of the range that no image of the repository names. Requests are served meanwhile. */
export async function findUnneeded(
  db: Kysely<Schema>,
  range: LinkRange,
): Promise<readonly UnneededLink[]> {
  if (range.images <= fewImages) return findNamedByNone(db, range)
  const unneeded: UnneededLink[] = []
  for (const link of await lookAtParents(db, range)) {
    const { digest, is_unneeded: isUnneeded } = link
    if (isUnneeded || !(await isNamed(db, range.repositoryId, digest))) unneeded.push(link)
  }
  return unneeded
}

/** A cross join, so that SQLite begins with the images: those that name a digest may be many more. */
async function findNamedByNone(
  db: Kysely<Schema>,
  { repositoryId, first, last }: LinkRange,
): Promise<readonly UnneededLink[]> {
  const { rows } = await sql<UnneededLink>`
    select digest, linked_at from repository_blobs
    where linked_at is not null and repository_id = ${repositoryId}
      and digest between ${first} and ${last}
      and digest not in (
        select manifest_children.child from images cross join manifest_children
        where images.repository_id = ${repositoryId}
          and manifest_children.manifest = images.digest
          and manifest_children.child between ${first} and ${last})
    order by digest`.execute(db)
  return rows
}

/** Those of the range that aren't known to be needed, from the first manifests that name them. */
async function lookAtParents(
  db: Kysely<Schema>,
  { repositoryId, first, last }: LinkRange,
): Promise<readonly UndecidedLink[]> {
  const { rows } = await sql<UndecidedLink>`
    select * from (
      select digest, linked_at, (
        select case when max(is_here) = 1 then 0 when count(*) < ${fewParents} then 1 end from (
          select case when exists (
            select 1 from images
            where images.repository_id = ${repositoryId}
              and images.digest = manifest_children.manifest) then 1 else 0 end as is_here
          from manifest_children where manifest_children.child = repository_blobs.digest
          limit ${fewParents}) parents) as is_unneeded
      from repository_blobs
      where linked_at is not null and repository_id = ${repositoryId}
        and digest between ${first} and ${last}) links
    where is_unneeded is null or is_unneeded = 1
    order by digest`.execute(db)
  return rows
}

/** Goes through all images of the repository until one names the digest. */
async function isNamed(db: Kysely<Schema>, repositoryId: number, digest: Digest): Promise<boolean> {
  let after = ''
  for (;;) {
    const { rows } = await sql<{ last: Digest | null; count: number; found: string | null }>`
      select max(page.digest) as last, count(*) as count, max(manifest_children.child) as found
      from (
        select digest from images where repository_id = ${repositoryId} and digest > ${after}
        order by digest limit ${imagesPerLook}) page
        left join manifest_children
          on manifest_children.manifest = page.digest and manifest_children.child = ${digest}`.execute(
      db,
    )
    const { last, count, found } = rows[0] ?? { last: null, count: 0, found: null }
    if (found !== null) return true
    if (last === null || count < imagesPerLook) return false
    after = last
    await setImmediate()
  }
}
