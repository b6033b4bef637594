import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import SqliteDriver from 'better-sqlite3'
import { createImage, digestOf, type SeededImage } from './hosted-content.ts'

export interface HostedSeed {
  readonly repositories: number
  readonly tagsEach: number
  /** Of so many, the first ones, manifests and configs can be read; of the others there are rows only. */
  readonly readable: number
  readonly referrers: number
}

export interface SeededHosted {
  /** In byte order. */
  readonly repositories: readonly string[]
  /** Of the first repository; it isn't there itself. */
  readonly subject: string
}

/** Fills the data folder of a server that has run there once and doesn't now, as if all had been pushed. */
export const seedHosted = async (data: string, seed: HostedSeed): Promise<SeededHosted> => {
  const repositories = Array.from({ length: seed.repositories }, (_, index) => nameOf(index))
  const subject = digestOf('subject')
  const database = new SqliteDriver(join(data, 'entrepot.db'))
  try {
    // It needn't survive a power failure.
    database.pragma('synchronous = off')
    database.pragma('cache_size = -524288')
    const insert = prepareInserts(database)
    database.transaction(() => {
      for (const name of repositories) insert.repository(name, imagesOf(name, seed.tagsEach))
      insert.referrers(repositories[0] ?? '', subject, seed.referrers)
    })()
    database.pragma('wal_checkpoint(truncate)')
  } finally {
    database.close()
  }
  for (const name of repositories.slice(0, seed.readable))
    await writeImages(data, imagesOf(name, seed.tagsEach))
  return { repositories, subject }
}

const nameOf = (index: number): string => `team-${String(index).padStart(5, '0')}/app`

const imagesOf = (name: string, count: number): readonly SeededImage[] =>
  Array.from({ length: count }, (_, position) => createImage(name, position))

const prepareInserts = (database: SqliteDriver.Database) => {
  const now = Date.now()
  const repository = database.prepare(
    `insert into repositories (upstream, name, hosted_since) values ('', ?, ${now}) returning id`,
  )
  const blob = database.prepare(
    `insert or ignore into blobs (digest, size_bytes, upstream, first_fetched_at, last_accessed_at)
     values (?, ?, '', ${now}, ${now})`,
  )
  const link = database.prepare(
    `insert or ignore into repository_blobs (repository_id, digest, size_bytes, linked_at)
     values (?, ?, ?, ${now})`,
  )
  const manifest = database.prepare(
    'insert into manifests (digest, size_bytes, artifact_type, subject, annotations) values (?, ?, ?, ?, ?)',
  )
  const child = database.prepare(
    'insert into manifest_children (manifest, child, media_type, size_bytes) values (?, ?, ?, ?)',
  )
  const image = database.prepare(
    `insert into images (repository_id, digest, media_type, first_fetched_at, last_pulled_at)
     values (?, ?, 'application/vnd.oci.image.manifest.v1+json', ${now}, ${now + 1})`,
  )
  const tag = database.prepare(
    `insert into tags (repository_id, tag, digest, checked_at) values (?, ?, ?, ${now})`,
  )
  const insertImage = (id: unknown, { tag: name, ...pushed }: SeededImage) => {
    blob.run(pushed.digest, pushed.size)
    manifest.run(pushed.digest, pushed.size, null, null, null)
    for (const { digest, size } of [pushed.config, ...pushed.layers]) {
      blob.run(digest, size)
      link.run(id, digest, size)
      child.run(pushed.digest, digest, 'application/vnd.oci.image.layer.v1.tar+gzip', size)
    }
    image.run(id, pushed.digest)
    tag.run(id, name, pushed.digest)
  }
  return {
    repository: (name: string, images: readonly SeededImage[]) => {
      const { id } = repository.get(name) as { id: number }
      for (const each of images) insertImage(id, each)
    },
    referrers: (name: string, subject: string, count: number) => {
      const id = database.prepare('select id from repositories where name = ?').pluck().get(name)
      for (let index = 0; index < count; index++) {
        const digest = digestOf(`referrer ${index}`)
        const annotations = { 'org.opencontainers.image.created': new Date(now).toISOString() }
        const type = `application/vnd.example.${index % 10 === 0 ? 'sbom' : 'signature'}`
        manifest.run(digest, 700, type, subject, JSON.stringify(annotations))
        image.run(id, digest)
      }
    },
  }
}

const writeImages = async (data: string, images: readonly SeededImage[]): Promise<void> => {
  for (const { config, ...image } of images) {
    for (const { digest, bytes } of [image, config]) {
      const file = join(data, 'blobs', digest.replace(':', '/'))
      await mkdir(join(file, '..'), { recursive: true })
      await writeFile(file, bytes)
    }
  }
}
