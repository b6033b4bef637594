import { createHash } from 'node:crypto'

export interface SeededBlob {
  readonly digest: string
  readonly size: number
}

export interface SeededImage extends SeededBlob {
  readonly tag: string
  readonly bytes: Buffer
  readonly config: SeededBlob & { readonly bytes: Buffer }
  readonly layers: readonly SeededBlob[]
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const configType = 'application/vnd.oci.image.config.v1+json'
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip'
const ownLayers = 2
const sharedLayers = 3
const layerBytes = 10_000_000

/** The same names give the same image: its layers are named but nowhere, its manifest and config are whole. */
export const createImage = (repository: string, position: number): SeededImage => {
  const tag = `1.${position}.0`
  const created = new Date(Date.UTC(2026, 0, 1 + position)).toISOString()
  const description = `${repository} as of ${created.slice(0, 10)}`
  const labels = { 'org.opencontainers.image.description': description }
  const config = toContent({
    created,
    os: 'linux',
    architecture: 'amd64',
    config: { Labels: labels },
  })
  const layers = [
    ...nameLayers(repository, sharedLayers),
    ...nameLayers(`${repository}:${tag}`, ownLayers),
  ]
  const manifest = toContent({
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: configType, digest: config.digest, size: config.size },
    layers: layers.map((layer) => ({ mediaType: layerType, ...layer })),
  })
  return { tag, ...manifest, config, layers }
}

const nameLayers = (seed: string, count: number): readonly SeededBlob[] =>
  Array.from({ length: count }, (_, index) => {
    return { digest: digestOf(`${seed} layer ${index}`), size: layerBytes }
  })

const toContent = (value: object) => {
  const bytes = Buffer.from(JSON.stringify(value))
  return { bytes, digest: digestOf(bytes), size: bytes.length }
}

export const digestOf = (bytes: string | Buffer): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`
