import { digestOf, makeBytes } from '../support/image-builder.ts'
import type { Random } from './random.ts'

export interface PushedBlob {
  readonly digest: string
  readonly bytes: Buffer
}

export interface TortureImage {
  readonly repository: string
  readonly tag: string
  /** A config and layers, some of which other images have as well. */
  readonly blobs: readonly PushedBlob[]
  readonly mediaType: string
  readonly manifest: Buffer
  readonly digest: string
  /** A repository that may have some of them. */
  readonly mountFrom: string
  /** Which way of pushing its first blob has; the next one has the next. */
  readonly style: number
}

const repositoryCount = 5
const sharedCount = 4
const smallestBytes = 2048
const mostBytes = 2 * 1024 * 1024

const mediaType = 'application/vnd.oci.image.manifest.v1+json'
const configType = 'application/vnd.oci.image.config.v1+json'
const layerType = 'application/vnd.oci.image.layer.v1.tar'

/** Images of one round: every two have layers in common, also across repositories. */
export const makeImages = (name: string, count: number, random: Random): TortureImage[] => {
  const makeBlob = (seed: string) =>
    toBlob(makeBytes(seed, random.drawSize(smallestBytes, mostBytes)))
  const shared = Array.from({ length: sharedCount }, (_, i) => makeBlob(`${name}/shared-${i}`))
  return Array.from({ length: count }, (_, i) => {
    const config = toBlob(Buffer.from(JSON.stringify({ name, i })))
    const own = makeBlob(`${name}/own-${i}`)
    const layers = [own, ...shared.filter((_, j) => (i + j) % sharedCount !== 0)]
    const manifest = toManifest(config, layers)
    return {
      repository: `team/app-${i % repositoryCount}`,
      tag: `${name}-${i}`,
      blobs: [config, ...layers],
      mediaType,
      manifest,
      digest: digestOf(manifest),
      mountFrom: `team/app-${(i + 1) % repositoryCount}`,
      style: i,
    }
  })
}

const toBlob = (bytes: Buffer): PushedBlob => ({ digest: digestOf(bytes), bytes })

const toManifest = (config: PushedBlob, layers: readonly PushedBlob[]): Buffer => {
  const describe = ({ digest, bytes }: PushedBlob, type: string) => {
    return { mediaType: type, digest, size: bytes.length }
  }
  const document = {
    schemaVersion: 2,
    mediaType,
    config: describe(config, configType),
    layers: layers.map((layer) => describe(layer, layerType)),
  }
  return Buffer.from(JSON.stringify(document))
}
