import { setImmediate } from 'node:timers/promises'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { ImageKey, ImagePlace, SizedBlob } from '../space-records.ts'
import type { Schema } from './schema.ts'

/** `stays`: something that isn't colder needs it, or it was pushed; `shared`: something colder does. */
type Standing = 'free' | 'shared' | 'stays'

type Candidate = {
  readonly digest: Digest
  /** Null where it isn't kept. */
  readonly sizeBytes: number | null
  readonly standing: Standing
}

/** What of an image is looked at together: a few milliseconds; between two requests are served. */
const childrenPerLook = 100
/** Colder images that have one of them; where there are more, all of them stay until those are gone. */
const mostHolders = 2_000

/**
 * What of an image nobody needs without it and without those that `isGone` says yes to, which are as
 * cold or colder. A manifest that an index lists isn't needed for that: whoever wants it fetches it again,
 * and only then is it known to be an image.
 */
export async function findFreed(
  db: Kysely<Schema>,
  image: ImagePlace,
  isGone: (image: ImageKey) => boolean,
): Promise<readonly SizedBlob[]> {
  const freed: SizedBlob[] = []
  let after: Digest | undefined
  do {
    const children = sql`select child as digest from manifest_children
      where manifest = ${image.digest} and child > ${after ?? ''}
      order by child limit ${childrenPerLook}`
    // The manifest itself with the first of them.
    const own = sql`select ${image.digest} as digest union all select * from (${children}) children`
    const candidates = await lookAt(db, image, after === undefined ? own : children)
    freed.push(...(await findFreedOf(db, image, { candidates, isGone })))
    const last = candidates.findLast(({ digest }) => digest !== image.digest)
    after = candidates.length >= childrenPerLook ? last?.digest : undefined
    await setImmediate()
  } while (after !== undefined)
  return freed
}

/** Most that is shared is shared with something warmer: that is found at once. */
async function lookAt(
  db: Kysely<Schema>,
  image: ImagePlace,
  which: RawBuilder<unknown>,
): Promise<readonly Candidate[]> {
  const { digest, lastPulledAt, repositoryId } = image
  const isWarmer = sql`(other.last_pulled_at, other.repository_id, other.digest)
    > (${lastPulledAt}, ${repositoryId}, ${digest})`
  const isAnother = sql`(other.repository_id <> ${repositoryId} or other.digest <> ${digest})`
  const exists = (condition: RawBuilder<unknown>) => sql`(
    exists (select 1 from images as other where other.digest = blobs.digest and ${condition})
    or exists (select 1 from manifest_children cross join images as other
      where manifest_children.child = blobs.digest and blobs.digest <> ${digest}
        and other.digest = manifest_children.manifest and ${condition}))`
  const { rows } = await sql<Candidate>`
    select which.digest, size_bytes as "sizeBytes", case
        when exists (select 1 from repository_blobs
          where repository_blobs.digest = blobs.digest and linked_at is not null) then 'stays'
        when ${exists(isWarmer)} then 'stays'
        when ${exists(isAnother)} then 'shared'
        else 'free' end as standing
    from (${which}) which left join blobs on blobs.digest = which.digest
    order by which.digest`.execute(db)
  return rows
}

type Looked = {
  readonly candidates: readonly Candidate[]
  readonly isGone: (image: ImageKey) => boolean
}

async function findFreedOf(
  db: Kysely<Schema>,
  image: ImageKey,
  { candidates, isGone }: Looked,
): Promise<readonly SizedBlob[]> {
  const shared = candidates.filter(({ standing }) => standing === 'shared')
  const held = await findHeld(db, image, { candidates: shared, isGone })
  return candidates.flatMap(({ digest, sizeBytes, standing }) => {
    const isFree = standing !== 'stays' && !held.has(digest)
    return isFree && sizeBytes !== null ? [{ digest, sizeBytes }] : []
  })
}

type Holding = ImageKey & { readonly held: Digest }

/** Those that a colder image that stays needs. */
async function findHeld(
  db: Kysely<Schema>,
  image: ImageKey,
  { candidates, isGone }: Looked,
): Promise<ReadonlySet<Digest>> {
  if (candidates.length === 0) return new Set()
  const digests = candidates.map(({ digest }) => digest)
  const { rows } = await sql<Holding>`
    select digest as held, repository_id as "repositoryId", digest
      from images where digest in (${sql.join(digests)})
    union all
    select manifest_children.child, parent.repository_id, parent.digest
      from manifest_children cross join images as parent
      where manifest_children.child in (${sql.join(digests)})
        and manifest_children.child <> ${image.digest}
        and parent.digest = manifest_children.manifest
    limit ${mostHolders}`.execute(db)
  if (rows.length === mostHolders) return new Set(digests)
  const isIt = ({ digest, repositoryId }: ImageKey) =>
    digest === image.digest && repositoryId === image.repositoryId
  const holding = rows.filter((other) => !isIt(other) && !isGone(other))
  return new Set(holding.map(({ held }) => held))
}
