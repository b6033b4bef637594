import SqliteDriver from 'better-sqlite3'
import { manifestMediaType } from './image.ts'

export interface SeededManifest {
  readonly digest: string
  readonly bytes: Buffer
  readonly children: readonly string[]
}

export interface Seed {
  /** At docker.io; holds all the images. */
  readonly repository: string
  readonly manifests: readonly SeededManifest[]
  /** Images with random digests, which nobody can pull. */
  readonly others: { readonly images: number; readonly blobsPerImage: number }
}

/** Fills a database that the server has made and isn't using. It needn't survive a power failure. */
export const seedDatabase = (file: string, seed: Seed): void => {
  const database = new SqliteDriver(file)
  try {
    database.pragma('synchronous = off')
    database.pragma('cache_size = -524288')
    database.transaction(() => insertRows(database, seed))()
    database.pragma('wal_checkpoint(truncate)')
  } finally {
    database.close()
  }
}

const insertRows = (database: SqliteDriver.Database, seed: Seed): void => {
  const { repository, manifests, others } = seed
  database.exec(createStaging)
  const insert = database.prepare('insert into seeded (digest, size) values (?, ?)')
  const insertChild = database.prepare('insert into seeded_child (manifest, child) values (?, ?)')
  for (const { digest, bytes, children } of manifests) {
    insert.run(digest, bytes.length)
    for (const child of children) insertChild.run(digest, child)
  }
  database.prepare(insertOthers).run(others.images)
  database.prepare(insertOtherChildren).run(others.blobsPerImage)
  database.exec(insertBlobs)
  database
    .prepare(`insert into repositories (upstream, name) values ('docker.io', ?)`)
    .run(repository)
  const values = { repository, mediaType: manifestMediaType, now: Date.now() }
  database.prepare(insertImages).run(values)
  database.exec('drop table seeded; drop table seeded_child')
}

const createStaging = `
  create temporary table seeded (digest text, size integer);
  create temporary table seeded_child (manifest text, child text)`

const randomDigest = `'sha256:' || lower(hex(randomblob(32)))`

const insertOthers = `
  with recursive number (n) as (select 1 union all select n + 1 from number where n < ?)
  insert into seeded select ${randomDigest}, 1000 from number`

const insertOtherChildren = `
  with recursive number (n) as (select 1 union all select n + 1 from number where n < ?)
  insert into seeded_child select digest, ${randomDigest} from seeded cross join number
  where digest not in (select manifest from seeded_child)`

// In the order of their digests, which is much quicker than at random and makes the same tables.
const insertBlobs = `
  insert into manifests (digest, size_bytes) select digest, size from seeded order by digest;
  insert into manifest_children (manifest, child, media_type, size_bytes)
    select manifest, child, 'application/vnd.oci.image.layer.v1.tar', 1000
    from seeded_child order by manifest, child;
  insert into blobs (digest, size_bytes, upstream, first_fetched_at, last_accessed_at)
    select digest, size, 'docker.io', 0, 0 from
      (select digest, size from seeded union all select child, 1000 from seeded_child)
    order by digest`

const insertImages = `
  insert into images (repository_id, digest, media_type, first_fetched_at, last_pulled_at)
  select id, seeded.digest, @mediaType, @now, @now from seeded
  join repositories on name = @repository`
