import { type Kysely, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import type { Repository } from '../../oci/repository.ts'
import { formatSource, pushedHere, type Source } from '../../oci/source.ts'
import type { UpstreamName } from '../../oci/upstream-name.ts'
import type { Owner, Owners } from '../integrity-records.ts'
import type { Schema } from './schema.ts'

/** A base image's layer may be in thousands of images; a few tell enough. */
const maxManifests = 200
const maxOwners = 200
const maxLinks = 50

type Place = { readonly upstream: UpstreamName; readonly name: Repository }
type ImageRow = Place & {
  readonly digest: Digest
  readonly tag: Tag | null
  readonly level: number
}
type LinkRow = Place & { readonly linked_at: number | null }

/** What has the blob, is it, names it, or lists what names it. */
export async function findOwners(db: Kysely<Schema>, digest: Digest): Promise<Owners> {
  const images = await findImages(db, digest)
  const links = await findLinks(db, digest)
  const known = await db
    .selectFrom('manifests')
    .select('digest')
    .where('digest', '=', digest)
    .executeTakeFirst()
  const linked = links.filter((link) => link.linked_at === null)
  const pushed = links.filter((link) => link.linked_at !== null)
  const itself = images.filter(({ level, upstream }) => level === 0 && upstream === pushedHere)
  return {
    images: images.map(toOwner),
    sources: distinct([...linked, ...images].map(toSource)).filter(isMirrored),
    hosted: [...new Set([...pushed, ...itself].map(({ name }) => name))],
    isManifest: known !== undefined,
  }
}

/** Level 0 is the blob itself, 1 what names it, 2 the indexes that list that. */
async function findImages(db: Kysely<Schema>, digest: Digest): Promise<readonly ImageRow[]> {
  const { rows } = await sql<ImageRow>`
    with named as (
      select manifest as digest from manifest_children where child = ${digest} limit ${maxManifests}),
    listed as (
      select manifest as digest from manifest_children
      where child in (select digest from named) limit ${maxManifests}),
    every_one as (
      select ${digest} as digest, 0 as level
      union all select digest, 1 from named
      union all select digest, 2 from listed)
    select repositories.upstream, repositories.name, images.digest, tags.tag,
      min(every_one.level) as level
    from every_one
      join images on images.digest = every_one.digest
      join repositories on repositories.id = images.repository_id
      left join tags on tags.repository_id = images.repository_id and tags.digest = images.digest
    group by repositories.upstream, repositories.name, images.digest, tags.tag
    order by tags.tag is null, level, repositories.upstream, repositories.name, tags.tag
    limit ${maxOwners}`.execute(db)
  return rows
}

async function findLinks(db: Kysely<Schema>, digest: Digest): Promise<readonly LinkRow[]> {
  return db
    .selectFrom('repository_blobs')
    .innerJoin('repositories', 'repositories.id', 'repository_blobs.repository_id')
    .select(['repositories.upstream', 'repositories.name', 'repository_blobs.linked_at'])
    .where('repository_blobs.digest', '=', digest)
    .limit(maxLinks)
    .$castTo<LinkRow>()
    .execute()
}

function toOwner({ digest, tag, ...place }: ImageRow): Owner {
  return { source: toSource(place), digest, tag: tag ?? undefined }
}

function toSource({ upstream, name }: Place): Source {
  return { upstream, repository: name }
}

function isMirrored({ upstream }: Source): boolean {
  return upstream !== pushedHere
}

function distinct(sources: readonly Source[]): readonly Source[] {
  return [...new Map(sources.map((source) => [formatSource(source), source])).values()]
}
