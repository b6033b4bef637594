import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { makeBackup } from '../../src/backup/make-backup.ts'
import { digestOf } from '../../src/oci/digest.ts'
import { dockerHub } from '../../src/oci/upstream-name.ts'
import { migrate, newestVersion } from '../../src/store/database/migrations/index.ts'
import { SnapshotFolder } from '../../src/store/database/snapshot-folder.ts'
import { openSqlite } from '../../src/store/database/sqlite-database.ts'
import { openStores } from '../../src/store/open-stores.ts'
import { putBlob } from '../../src/store/put-blob.ts'
import { isLackOfRoom } from '../../src/store/store-fault.ts'

// A process of its own, whose disk a test has made small: 4 MiB.
const [small = ''] = process.argv.slice(2)

await failToSnapshot()
await failToBackUp()

async function failToSnapshot(): Promise<void> {
  const file = join(small, 'entrepot.db')
  const { queries } = openSqlite(file)
  await migrate(queries)
  await sql`create table filling as select randomblob(1200000) as bytes`.execute(queries)
  await sql`pragma wal_checkpoint(truncate)`.execute(queries)
  await sql`insert into filling select randomblob(1200000)`.execute(queries)
  const folder = new SnapshotFolder(small, file, Date.now)
  await assert.rejects(folder.take(newestVersion), isLackOfRoom)
  assert.deepEqual(await readdir(join(small, 'snapshots')), [])
  await queries.destroy()
  await rm(file)
}

/** One that there is room for comes about, and stays as it is when the next one fails. */
async function failToBackUp(): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'entrepot-test-'))
  const target = join(small, 'backup')
  const back = () =>
    makeBackup({
      data,
      to: target,
      now: Date.now,
      onProgress: () => {},
      onProblem: ({ digest }) => assert.fail(digest),
    })
  try {
    await fill(data, 1)
    const { endsAt } = await back()
    const before = await readdir(target)
    await fill(data, 8)
    await assert.rejects(back(), isLackOfRoom)
    assert.deepEqual(await readdir(target), before)
    assert.deepEqual(await readdir(join(target, 'partial')), [])
    assert.ok(endsAt < new Date().toISOString())
  } finally {
    await rm(data, { recursive: true })
  }
}

async function fill(data: string, count: number): Promise<void> {
  const onError = (error: unknown) => assert.fail(String(error))
  const stores = await openStores(data, { onError, onFault: onError, onRecovered: () => {} })
  for (let at = 0; at < count; at++) {
    const bytes = Buffer.alloc(1_000_000, `blob ${at} of ${count}, `)
    const digest = digestOf(bytes)
    await putBlob(stores.blobs, digest, bytes)
    const blob = { digest, sizeBytes: bytes.length, upstream: dockerHub, firstFetchedAt: 0 }
    await stores.metadata.recordBlob(blob)
  }
  await stores.close()
}
