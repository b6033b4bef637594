// A process that records pushes to a repository of its own, one after another: its arguments are the
// database's file, the repository and how many. It ends with 0 if all are there.
import { digestOf } from '../../src/oci/digest.ts'
import { ociIndex } from '../../src/oci/media-type.ts'
import { parseRepository } from '../../src/oci/repository.ts'
import { openMetadataStore } from '../../src/store/database/database-metadata-store.ts'
import { openSqlite } from '../../src/store/database/sqlite-database.ts'

const [file = '', name = '', count = ''] = process.argv.slice(2)
const repository = parseRepository(name)
const store = await openMetadataStore(openSqlite(file))
for (let at = 0; at < Number(count); at++) {
  const digest = digestOf(Buffer.from(`${name} ${at}`))
  const image = {
    digest,
    mediaType: ociIndex,
    sizeBytes: 8,
    artifactType: undefined,
    subject: undefined,
    children: [],
    annotations: undefined,
    pushedAt: at,
  }
  await store.linkPushed(repository, [{ digest, sizeBytes: 8 }], at)
  const needs = [{ digest, sizeBytes: 8, as: 'blob' as const }]
  const refusal = await store.recordPushed(repository, { image, tags: [], needs, fixedTags: [] })
  if (refusal) throw new Error(JSON.stringify(refusal))
}
await store.close()
