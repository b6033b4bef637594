import { setImmediate } from 'node:timers/promises'
import { sql, type Transaction } from 'kysely'
import type { NewImage } from '../metadata-store.ts'
import { batches } from './batches.ts'
import type { Schema } from './schema.ts'

/** Some 10 ms; between two inserts requests are served. */
const childrenPerInsert = 500

/** What is pushed says more than what is mirrored: the type of a config, and annotations. */
const known = {
  artifact_type: sql<string | null>`coalesce(manifests.artifact_type, excluded.artifact_type)`,
  annotations: sql<string | null>`coalesce(manifests.annotations, excluded.annotations)`,
}

/** What a manifest says; the same for every repository that has it. */
export async function insertManifest(
  db: Transaction<Schema>,
  image: NewImage,
  annotations?: Readonly<Record<string, string>>,
): Promise<void> {
  await db
    .insertInto('manifests')
    .values({
      digest: image.digest,
      size_bytes: image.sizeBytes,
      artifact_type: image.artifactType ?? null,
      subject: image.subject ?? null,
      annotations: annotations === undefined ? null : JSON.stringify(annotations),
    })
    .onConflict((conflict) => conflict.column('digest').doUpdateSet(known))
    .execute()
  await insertChildren(db, image)
}

async function insertChildren(db: Transaction<Schema>, image: NewImage): Promise<void> {
  const rows = image.children.map((child) => ({
    manifest: image.digest,
    child: child.digest,
    media_type: child.mediaType,
    size_bytes: child.sizeBytes,
  }))
  for (const batch of batches(rows, childrenPerInsert)) {
    await db
      .insertInto('manifest_children')
      .values([...batch])
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    await setImmediate()
  }
}

/** That the repository has it. */
export async function insertImage(
  db: Transaction<Schema>,
  repositoryId: number,
  image: NewImage,
): Promise<void> {
  await db
    .insertInto('images')
    .values({
      repository_id: repositoryId,
      digest: image.digest,
      media_type: image.mediaType,
      first_fetched_at: image.firstFetchedAt,
      last_pulled_at: image.firstFetchedAt,
    })
    .onConflict((conflict) =>
      conflict.columns(['repository_id', 'digest']).doUpdateSet({ media_type: image.mediaType }),
    )
    .execute()
}
