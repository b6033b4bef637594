import { setImmediate } from 'node:timers/promises'
import { sql, type Transaction } from 'kysely'
import type { Digest } from '../../oci/digest.ts'
import type { PlannedRemoval, RemovedVersion } from '../hosted-records.ts'
import { batches } from './batches.ts'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'

type Removal = (transaction: Transaction<Schema>) => Promise<RemovedVersion | undefined>

/** A few milliseconds; between two batches requests are served. */
const digestsPerLook = 50

/** Ends a transaction without a trace, with what was found in it. */
class TakenBack extends Error {
  readonly plan: PlannedRemoval | undefined

  constructor(plan: PlannedRemoval | undefined) {
    super('only looked at')
    this.plan = plan
  }
}

/**
 * What a removal from the repository would take away: it is done, looked at and taken back, so that it
 * can't be another one than the removal itself.
 */
export async function planRemoval(
  { queries }: Database,
  repositoryId: number,
  remove: Removal,
): Promise<PlannedRemoval | undefined> {
  try {
    return await queries.transaction().execute(async (transaction) => {
      const removed = await remove(transaction)
      throw new TakenBack(removed && (await measure(transaction, repositoryId, removed)))
    })
  } catch (error) {
    if (error instanceof TakenBack) return error.plan
    throw error
  }
}

type Sized = { readonly digest: Digest; readonly sizeBytes: number; readonly isNeeded: number }

async function measure(
  transaction: Transaction<Schema>,
  repositoryId: number,
  removed: RemovedVersion,
): Promise<PlannedRemoval> {
  const blobs = new Map<Digest, Sized>()
  for (const batch of batches(removed.images, digestsPerLook)) {
    for (const blob of await lookAt(transaction, repositoryId, batch)) blobs.set(blob.digest, blob)
    await setImmediate()
  }
  let [freedBytes, sharedBytes] = [0, 0]
  for (const { sizeBytes, isNeeded } of blobs.values()) {
    if (isNeeded === 1) sharedBytes += sizeBytes
    else freedBytes += sizeBytes
  }
  return { ...removed, freedBytes, sharedBytes }
}

/** The manifests and all that they name: what no image needs by now, nor another hosted repository has. */
async function lookAt(
  transaction: Transaction<Schema>,
  repositoryId: number,
  manifests: readonly Digest[],
): Promise<readonly Sized[]> {
  const { rows } = await sql<Sized>`
    select blobs.digest, size_bytes as "sizeBytes", case
      when exists (select 1 from repository_blobs where repository_blobs.digest = blobs.digest
        and linked_at is not null and repository_id <> ${repositoryId}) then 1
      when exists (select 1 from images where images.digest = blobs.digest) then 1
      when exists (select 1 from manifest_children cross join images
        where manifest_children.child = blobs.digest
          and images.digest = manifest_children.manifest) then 1
      else 0 end as "isNeeded"
    from blobs where digest in (
      select child from manifest_children where manifest in (${sql.join(manifests)})
      union values ${sql.join(manifests.map((digest) => sql`(${digest})`))})`.execute(transaction)
  return rows
}
