import { createHash, randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { manifestMediaType } from './image.ts'
import { type SeededManifest, seedDatabase } from './seed-database.ts'
import { entrepotData } from './servers/entrepot.ts'
import type { ServerSite } from './servers/server.ts'
import type { Variant } from './variants.ts'

// Each image is a manifest with nine blobs: 100,000 images are a million blobs.
const allImages = 100_000
const readableImages = 10_000
const blobsPerImage = 9
const repository = 'bench/many'
const pathsFile = 'manifest-paths.json'
const writesAtOnce = 100

/**
 * An Entrepot that knows a million blobs. They are rows only, but for 10,000 manifests, which can be
 * pulled: as many as it takes to fill what it gathers of access times.
 */
export const millionBlobs: Variant = {
  name: 'million-blobs',
  prepare: async (site) => {
    const manifests = Array.from({ length: readableImages }, createManifest)
    const data = entrepotData(site.directory)
    const others = { images: allImages - readableImages, blobsPerImage }
    seedDatabase(join(data, 'entrepot.db'), { repository, manifests, others })
    for (let start = 0; start < manifests.length; start += writesAtOnce)
      await writeManifests(data, manifests.slice(start, start + writesAtOnce))
    const prefix = `/v2/docker.io/${repository}/manifests/`
    const paths = manifests.map(({ digest }) => `${prefix}${digest}`)
    await writeFile(join(site.directory, pathsFile), JSON.stringify(paths))
  },
}

/** The paths of all manifests there that can be pulled. */
export const readManifestPaths = async ({ directory }: ServerSite): Promise<string[]> =>
  JSON.parse(await readFile(join(directory, pathsFile), 'utf8')) as string[]

const createManifest = (): SeededManifest => {
  const children = Array.from({ length: blobsPerImage }, createDigest)
  const mediaType = 'application/vnd.oci.image.layer.v1.tar'
  const [config, ...layers] = children.map((digest) => ({ mediaType, digest, size: 1000 }))
  const manifest = { schemaVersion: 2, mediaType: manifestMediaType, config, layers }
  const bytes = Buffer.from(JSON.stringify(manifest))
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  return { digest, bytes, children }
}

const createDigest = (): string => `sha256:${randomBytes(32).toString('hex')}`

const writeManifests = async (data: string, manifests: readonly SeededManifest[]) => {
  await Promise.all(
    manifests.map(({ digest, bytes }) =>
      writeFile(join(data, 'blobs', digest.replace(':', '/')), bytes),
    ),
  )
}
