import type { Report } from '../../progress.ts'
import type { Image, Layer } from '../trace/images.ts'
import { digestAll } from './digest-cache.ts'
import { type FindBlob, type Shelf, type ShelvedImage, shelveImage } from './shelf.ts'

const smallestBytes = 32

export interface Placement {
  readonly repository: string
  readonly image: Image
  readonly tags: readonly string[]
}

export interface FillOptions {
  /** Of the scenario: what was computed is kept under it. */
  readonly name: string
  /** What a layer's real size is multiplied by. Configs stay as they are. */
  readonly byteScale: number
  readonly signal: AbortSignal
  readonly report: Report
}

export interface FilledShelf {
  readonly shelf: Shelf
  readonly images: ReadonlyMap<Image, ShelvedImage>
}

/** Puts images on a shelf. Two placements of one tag: the last counts. */
export const fillShelf = async (
  placements: readonly Placement[],
  { name, byteScale, signal, report }: FillOptions,
): Promise<FilledShelf> => {
  const scaled = placements.map((placement) => ({
    ...placement,
    scaledImage: scaleImage(placement.image, byteScale),
  }))
  const contents = new Map(
    scaled
      .flatMap(({ scaledImage: { seed, configBytes, layers } }) => [
        { seed, sizeBytes: configBytes },
        ...layers,
      ])
      .map((content) => [content.seed, content]),
  )
  const findBlob = await digestAll(name, [...contents.values()], { signal, report })
  return assemble(scaled, findBlob)
}

interface ScaledPlacement extends Placement {
  readonly scaledImage: Image
}

const assemble = (placements: readonly ScaledPlacement[], findBlob: FindBlob): FilledShelf => {
  const shelved = placements.map((placement) => ({
    ...placement,
    shelvedImage: shelveImage(placement.repository, placement.scaledImage, findBlob),
  }))
  const blobs = shelved.flatMap(({ shelvedImage: { config, layers } }) => [config, ...layers])
  const shelf: Shelf = {
    blobs: [...new Map(blobs.map((blob) => [blob.digest, blob])).values()],
    manifests: shelved.flatMap(({ shelvedImage }) => shelvedImage.manifests),
    tags: shelved.flatMap(({ repository, tags, shelvedImage: { digest } }) =>
      tags.map((tag) => ({ repository, tag, digest })),
    ),
  }
  return { shelf, images: new Map(shelved.map(({ image, shelvedImage }) => [image, shelvedImage])) }
}

const scaleImage = (image: Image, byteScale: number): Image => ({
  ...image,
  layers: image.layers.map((layer) => scaleLayer(layer, byteScale)),
})

const scaleLayer = ({ seed, sizeBytes }: Layer, byteScale: number): Layer => ({
  seed,
  sizeBytes: Math.max(smallestBytes, Math.round(sizeBytes * byteScale)),
})
