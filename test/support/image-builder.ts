// Container images made in code. The same recipe always gives the same bytes, and so the same
// digests; layers are random to a compressor, so that their size on the wire is what was asked for.

import { createCipheriv, createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { pack } from 'tar-stream'

export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
}

export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: Platform
}

export interface ImageRecipe {
  /** Other seeds give other digests. */
  readonly seed: string
  /** Bytes of the one file in each layer. */
  readonly layerSizes: readonly number[]
  /** Layers of one seed and size are one layer, in whichever image; by default each image has its own. */
  readonly layerSeeds?: readonly string[]
  readonly platform?: Platform
  readonly mediaTypes?: keyof typeof mediaTypes
  readonly labels?: Readonly<Record<string, string>>
  /** What made each layer; by default `layer 0` and so on. */
  readonly commands?: readonly string[]
  /** More of what its config says of how it is run: `Env`, `Entrypoint`. */
  readonly running?: Readonly<Record<string, unknown>>
}

export interface BuiltManifest {
  readonly descriptor: Descriptor
  readonly bytes: Buffer
}

export interface BuiltImage extends BuiltManifest {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
}

export interface BuiltIndex extends BuiltManifest {
  readonly images: readonly BuiltImage[]
}

/** Takes each blob as it is made; the next one is made when the promise settles. */
export type TakeBlob = (descriptor: Descriptor, bytes: Buffer) => Promise<void>

const mebibyte = 1024 * 1024
const created = '2024-01-01T00:00:00Z'
const amd64: Platform = { os: 'linux', architecture: 'amd64' }

export const threePlatforms: readonly Platform[] = [
  amd64,
  { os: 'linux', architecture: 'arm64' },
  { os: 'linux', architecture: 'arm', variant: 'v7' },
]

const mediaTypes = {
  oci: {
    index: 'application/vnd.oci.image.index.v1+json',
    manifest: 'application/vnd.oci.image.manifest.v1+json',
    config: 'application/vnd.oci.image.config.v1+json',
    layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  },
  docker: {
    index: 'application/vnd.docker.distribution.manifest.list.v2+json',
    manifest: 'application/vnd.docker.distribution.manifest.v2+json',
    config: 'application/vnd.docker.container.image.v1+json',
    layer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  },
} as const

/** One layer of a few kB. */
export const smallImage = (seed: string): ImageRecipe => ({ seed, layerSizes: [4096] })

/** 256 MiB in five layers. */
export const bigImage = (seed: string): ImageRecipe => ({
  seed,
  layerSizes: [96 * mebibyte, 64 * mebibyte, 48 * mebibyte, 32 * mebibyte, 16 * mebibyte],
})

/** Makes the image's blobs one after another, handing each to `take`, and returns its manifest. */
export const buildImage = async (recipe: ImageRecipe, take: TakeBlob): Promise<BuiltImage> => {
  const types = mediaTypes[recipe.mediaTypes ?? 'oci']
  const layers: Descriptor[] = []
  const diffIds: string[] = []
  for (const [position, size] of recipe.layerSizes.entries()) {
    const seed = recipe.layerSeeds?.[position] ?? `${recipe.seed}/${position}`
    const tar = await packTar(makeBytes(seed, size), position)
    diffIds.push(digestOf(tar))
    layers.push(await handOver(types.layer, await deflate(tar), take))
  }
  const config = await handOver(types.config, toJson(configOf(recipe, diffIds)), take)
  const manifest = { schemaVersion: 2, mediaType: types.manifest, config, layers }
  return { ...toManifest(manifest), config, layers }
}

/** Builds the recipe once for every platform, and the index that lists them. */
export const buildIndex = async (
  recipe: ImageRecipe,
  platforms: readonly Platform[],
  take: TakeBlob,
): Promise<BuiltIndex> => {
  const images: BuiltImage[] = []
  for (const platform of platforms) {
    const seed = `${recipe.seed}/${platform.architecture}`
    images.push(await buildImage({ ...recipe, seed, platform }, take))
  }
  const mediaType = mediaTypes[recipe.mediaTypes ?? 'oci'].index
  const manifests = images.map(({ descriptor }, i) => ({ ...descriptor, platform: platforms[i] }))
  return { ...toManifest({ schemaVersion: 2, mediaType, manifests }), images }
}

export const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** Repeatable bytes that don't compress: the key stream of a cipher keyed by the seed. */
export const makeBytes = (seed: string, size: number): Buffer => {
  const key = createHash('sha256').update(seed).digest()
  return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
}

const packTar = async (bytes: Buffer, position: number): Promise<Buffer> => {
  const tar = pack()
  tar.entry({ name: `layer-${position}.bin`, mode: 0o644, mtime: new Date(created) }, bytes)
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

// Level 0 only wraps the bytes: random ones wouldn't get smaller, and it is quick.
const deflate = (bytes: Buffer): Promise<Buffer> => promisify(gzip)(bytes, { level: 0 })

const handOver = async (mediaType: string, bytes: Buffer, take: TakeBlob): Promise<Descriptor> => {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length }
  await take(descriptor, bytes)
  return descriptor
}

const toManifest = <T extends { readonly mediaType: string }>(manifest: T): BuiltManifest => {
  const bytes = toJson(manifest)
  const { mediaType } = manifest
  return { bytes, descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length } }
}

const configOf = (recipe: ImageRecipe, diffIds: readonly string[]): object => ({
  created,
  ...(recipe.platform ?? amd64),
  config: {
    Cmd: ['/layer-0.bin'],
    Labels: { seed: recipe.seed, ...recipe.labels },
    ...recipe.running,
  },
  rootfs: { type: 'layers', diff_ids: diffIds },
  history: diffIds.map((_, position) => ({
    created,
    created_by: recipe.commands?.[position] ?? `layer ${position}`,
  })),
})

const toJson = (value: object): Buffer => Buffer.from(JSON.stringify(value))
