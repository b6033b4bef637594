import { randomBytes } from 'node:crypto'
import SqliteDriver from 'better-sqlite3'
import { manifestMediaType } from '../image.ts'

export interface MirroredSeed {
  readonly repositories: number
  readonly imagesEach: number
  /** Base images, whose layers are in many: the first in every other, the next in every third, and so on. */
  readonly bases: number
  readonly layersOfBase: number
  readonly ownLayers: number
  readonly layerBytes: number
}

const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip'
const dayMs = 86_400_000

/** Fills a database that the server has made and isn't using with images whose files aren't there. */
export const seedMirrored = (file: string, seed: MirroredSeed): void => {
  const database = new SqliteDriver(file)
  try {
    database.pragma('synchronous = off')
    database.pragma('cache_size = -1048576')
    database.transaction(() => insertAll(database, seed))()
    database.exec('analyze')
    database.pragma('wal_checkpoint(truncate)')
  } finally {
    database.close()
  }
}

const insertAll = (database: SqliteDriver.Database, seed: MirroredSeed): void => {
  const insert = prepare(database)
  const bases = Array.from({ length: seed.bases }, () => newDigests(seed.layersOfBase))
  const now = Date.now()
  for (const layer of bases.flat()) insert.blob.run(layer, seed.layerBytes, now - dayMs, now)
  for (let repository = 1; repository <= seed.repositories; repository++) {
    insert.repository.run(repository, `bench/image-${repository}`)
    const base = bases[pickBase(repository, bases.length)] ?? []
    for (let image = 0; image < seed.imagesEach; image++) {
      const pulledAt = now - Math.floor(Math.random() * 90 * dayMs)
      const [digest = '', config = '', ...own] = newDigests(2 + seed.ownLayers)
      insert.blob.run(digest, 1000, pulledAt, pulledAt)
      insert.blob.run(config, 5000, pulledAt, pulledAt)
      for (const layer of own) insert.blob.run(layer, seed.layerBytes, pulledAt, pulledAt)
      insert.manifest.run(digest)
      for (const child of [config, ...base, ...own])
        insert.child.run(digest, child, layerType, seed.layerBytes)
      insert.image.run(repository, digest, manifestMediaType, pulledAt, pulledAt)
      insert.tag.run(repository, `v${image}`, digest, pulledAt)
    }
  }
}

const prepare = (database: SqliteDriver.Database) => ({
  repository: database.prepare(
    `insert into repositories (id, upstream, name) values (?, 'docker.io', ?)`,
  ),
  blob: database.prepare(
    `insert into blobs (digest, size_bytes, upstream, first_fetched_at, last_accessed_at)
     values (?, ?, 'docker.io', ?, ?)`,
  ),
  manifest: database.prepare('insert into manifests (digest, size_bytes) values (?, 1000)'),
  child: database.prepare('insert into manifest_children values (?, ?, ?, ?)'),
  image: database.prepare(
    `insert into images (repository_id, digest, media_type, first_fetched_at, last_pulled_at)
     values (?, ?, ?, ?, ?)`,
  ),
  tag: database.prepare(
    'insert into tags (repository_id, tag, digest, checked_at) values (?, ?, ?, ?)',
  ),
})

const newDigests = (count: number): string[] =>
  Array.from({ length: count }, () => `sha256:${randomBytes(32).toString('hex')}`)

/** Half of the repositories have the first, a third of the others the second, and so on. */
const pickBase = (repository: number, count: number): number => {
  let base = 0
  while (base < count - 1 && repository % (base + 2) !== 0) base++
  return base
}
