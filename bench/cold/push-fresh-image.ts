import { randomUUID } from 'node:crypto'
import { buildImage } from '../../test/support/image-builder.ts'
import { pushBlob, pushManifest } from '../push.ts'

// As large images are: a base, two layers that are most of it, small ones in between.
const layerSizes = [
  29_100_000, 3_600_000, 24_000_000, 1_200, 35_000_000, 1_700_000, 4_900_000, 450_000,
]

export interface FreshImage {
  readonly tag: string
  /** Of its layers, its configuration and its manifest. */
  readonly bytes: number
}

/** Pushes an image of eight layers that nobody has seen before, 100 MB in all, under a new tag. */
export const pushFreshImage = async (
  repositoryUrl: string,
  signal: AbortSignal,
): Promise<FreshImage> => {
  const tag = randomUUID()
  const image = await buildImage({ seed: tag, layerSizes }, ({ digest }, bytes) =>
    pushBlob(repositoryUrl, { digest, body: new Uint8Array(bytes) }, signal),
  )
  const { mediaType } = image.descriptor
  const manifest = { mediaType, body: new Uint8Array(image.bytes) }
  await pushManifest(`${repositoryUrl}/manifests/${tag}`, manifest, signal)
  const sizes = [image.descriptor, image.config, ...image.layers].map(({ size }) => size)
  return { tag, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}
