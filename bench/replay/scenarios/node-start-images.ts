import { fillShelf, type Placement } from '../content/fill-shelf.ts'
import type { Shelf } from '../content/shelf.ts'
import type { Ground } from '../site/site.ts'
import { type Image, ImageMint } from '../trace/images.ts'
import { Random } from '../trace/random.ts'

// Of this seed the images have 127 layers and 1.7 GB together, as such a cluster's have.
const seed = 16
const slowSeed = 1_000_000

/** How many images every node needs. */
export const imageCount = 20
/** What they have together, for 1.6 GB in the real world. */
export const bytesPerNode = 40e6
/** One layer, so large that nobody has read it before the others are done. */
export const slowImageBytes = 30e6
/** Where the slow reader's image stands, after the others. */
export const slowImageAt = imageCount

export const nameOf = (at: number): string => `system/${at}`

export const fillNodeShelf = async (ground: Ground): Promise<Shelf> => {
  const mint = new ImageMint(new Random(seed))
  const drawn = Array.from({ length: imageCount }, () => mint.first())
  const layers = new Map(drawn.flatMap((image) => image.layers).map((layer) => [layer.seed, layer]))
  const realBytes = layers.values().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  const byteScale = bytesPerNode / realBytes
  const placements: Placement[] = [...drawn, makeSlowImage(byteScale)].map((image, at) => ({
    repository: nameOf(at),
    image,
    tags: ['latest'],
  }))
  const { shelf } = await fillShelf(placements, { ...ground, name: 'node-start', byteScale })
  return shelf
}

const makeSlowImage = (byteScale: number): Image => {
  const layers = [{ seed: slowSeed + 1, sizeBytes: slowImageBytes / byteScale }]
  return { seed: slowSeed, configBytes: 2000, layers, ownLayers: layers, platforms: 1 }
}
