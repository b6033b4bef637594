import type { Image } from '../trace/images.ts'
import { digestText } from './seeded-content.ts'

export const manifestMediaType = 'application/vnd.oci.image.manifest.v1+json'
export const indexMediaType = 'application/vnd.oci.image.index.v1+json'
const configMediaType = 'application/vnd.oci.image.config.v1+json'
const layerMediaType = 'application/vnd.oci.image.layer.v1.tar+gzip'

export interface ShelvedBlob {
  readonly digest: string
  readonly sizeBytes: number
  readonly seed: number
}

export interface ShelvedManifest {
  readonly repository: string
  readonly digest: string
  readonly mediaType: string
  readonly text: string
}

export interface ShelvedTag {
  readonly repository: string
  readonly tag: string
  readonly digest: string
}

/** Everything that an upstream has, as one JSON value: it is handed from process to process. */
export interface Shelf {
  readonly blobs: readonly ShelvedBlob[]
  readonly manifests: readonly ShelvedManifest[]
  readonly tags: readonly ShelvedTag[]
}

/** An image as it stands on a shelf. */
export interface ShelvedImage {
  /** What its tag names: the index if it has one. */
  readonly digest: string
  readonly manifests: readonly ShelvedManifest[]
  readonly config: ShelvedBlob
  readonly layers: readonly ShelvedBlob[]
}

export type FindBlob = (content: { seed: number; sizeBytes: number }) => ShelvedBlob

/** Writes the manifest of an image, and its index where it has more than one platform. */
export const shelveImage = (repository: string, image: Image, findBlob: FindBlob): ShelvedImage => {
  const config = findBlob({ seed: image.seed, sizeBytes: image.configBytes })
  const layers = image.layers.map(findBlob)
  const manifest = shelve(repository, {
    schemaVersion: 2,
    mediaType: manifestMediaType,
    config: describe(configMediaType, config),
    layers: layers.map((layer) => describe(layerMediaType, layer)),
  })
  if (image.platforms === 1)
    return { digest: manifest.digest, manifests: [manifest], config, layers }
  const index = shelve(repository, {
    schemaVersion: 2,
    mediaType: indexMediaType,
    manifests: Array.from({ length: image.platforms }, (_, at) => ({
      ...describePlatform(image, manifest, at),
      platform: { os: 'linux', architecture: at === 0 ? 'amd64' : `other-${at}` },
    })),
  })
  return { digest: index.digest, manifests: [index, manifest], config, layers }
}

// Nobody here asks for the other platforms: they are named and don't exist.
const describePlatform = (image: Image, manifest: ShelvedManifest, at: number) => ({
  mediaType: manifestMediaType,
  digest: at === 0 ? manifest.digest : digestText(`platform ${at} of ${image.seed}`),
  size: manifest.text.length,
})

type ManifestFields = { readonly mediaType: string } & Readonly<Record<string, unknown>>

const describe = (mediaType: string, { digest, sizeBytes }: ShelvedBlob) => ({
  mediaType,
  digest,
  size: sizeBytes,
})

const shelve = (repository: string, value: ManifestFields): ShelvedManifest => {
  const text = JSON.stringify(value)
  return { repository, digest: digestText(text), mediaType: value.mediaType, text }
}
