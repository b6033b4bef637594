import { setImmediate } from 'node:timers/promises'
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { Tag } from '../../oci/reference.ts'
import type { PlannedRemoval, RemovedVersion } from '../hosted-records.ts'
import { batches } from './batches.ts'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'

type Removal = (transaction: Transaction<Schema>) => Promise<RemovedVersion | undefined>

const manifestsPerLook = 50
/** Some milliseconds; between two batches requests are served. */
const blobsPerLook = 100

/** Ends a transaction without a trace, with what was found in it. */
class TakenBack extends Error {
  readonly plan: PlannedRemoval | undefined

  constructor(plan: PlannedRemoval | undefined) {
    super('only looked at')
    this.plan = plan
  }
}

/**
 * What the removal of a version from the repository would take away: it is done, looked at and taken back, so that
 * it can't be another one than the removal itself.
 */
export async function planRemoval(
  { queries }: Database,
  repositoryId: number,
  remove: Removal,
): Promise<PlannedRemoval | undefined> {
  try {
    return await queries.transaction().execute(async (transaction) => {
      const removed = await remove(transaction)
      const needing = { repositoryId, images: sql`` }
      throw new TakenBack(removed && (await measure(transaction, removed, needing)))
    })
  } catch (error) {
    if (error instanceof TakenBack) return error.plan
    throw error
  }
}

/**
 * What the removal of all that the repository has would take away; undefined where it isn't hosted. Only read: of
 * a large one it takes seconds, in which nobody else could write. Not where requests wait for it.
 */
export async function planWholeRemoval(
  db: Kysely<Schema>,
  repositoryId: number,
): Promise<PlannedRemoval | undefined> {
  const hosted = await db
    .selectFrom('repositories')
    .select('id')
    .where('id', '=', repositoryId)
    .where('hosted_since', 'is not', null)
    .executeTakeFirst()
  if (!hosted) return undefined
  const of = (table: 'tags' | 'images') =>
    db.selectFrom(table).where('repository_id', '=', repositoryId)
  const tags = await of('tags').select('tag').execute()
  const images = await of('images').select('digest').execute()
  const removed = {
    tags: tags.map(({ tag }) => tag as Tag),
    images: images.map(({ digest }) => digest as Digest),
  }
  const others = sql`and images.repository_id <> ${repositoryId}`
  return measure(db, removed, { repositoryId, images: others })
}

/** Who may need a blob still: which images do, and every other hosted repository that has it. */
type Needing = { readonly repositoryId: number; readonly images: RawBuilder<unknown> }

type Sized = { readonly sizeBytes: number; readonly isNeeded: number }

async function measure(
  db: Kysely<Schema>,
  removed: RemovedVersion,
  needing: Needing,
): Promise<PlannedRemoval> {
  let [freedBytes, sharedBytes] = [0, 0]
  for (const batch of batches([...(await findNamed(db, removed.images))], blobsPerLook)) {
    for (const { sizeBytes, isNeeded } of await lookAt(db, batch, needing)) {
      if (isNeeded === 1) sharedBytes += sizeBytes
      else freedBytes += sizeBytes
    }
    await setImmediate()
  }
  return { ...removed, freedBytes, sharedBytes }
}

/** The manifests and all that they name, each once: a base image's layers are in many. */
async function findNamed(
  db: Kysely<Schema>,
  manifests: readonly Digest[],
): Promise<ReadonlySet<string>> {
  const named = new Set<string>(manifests)
  for (const batch of batches(manifests, manifestsPerLook)) {
    const children = db.selectFrom('manifest_children').select('child').distinct()
    for (const { child } of await children.where('manifest', 'in', batch).execute())
      named.add(child)
    await setImmediate()
  }
  return named
}

/** What no image needs by now, nor another hosted repository has. */
async function lookAt(
  db: Kysely<Schema>,
  digests: readonly string[],
  { repositoryId, images }: Needing,
): Promise<readonly Sized[]> {
  const { rows } = await sql<Sized>`
    select size_bytes as "sizeBytes", case
      when exists (select 1 from repository_blobs where repository_blobs.digest = blobs.digest
        and linked_at is not null and repository_id <> ${repositoryId}) then 1
      when exists (select 1 from images where images.digest = blobs.digest ${images}) then 1
      when exists (select 1 from manifest_children cross join images
        where manifest_children.child = blobs.digest
          and images.digest = manifest_children.manifest ${images}) then 1
      else 0 end as "isNeeded"
    from blobs where digest in (${sql.join(digests)})`.execute(db)
  return rows
}
