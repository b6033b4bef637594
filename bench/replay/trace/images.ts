import { type Random, Zipf } from './random.ts'

export interface Layer {
  /** What its content is made from; two layers are the same one if this is the same. */
  readonly seed: number
  /** In the real world; a scenario scales it. */
  readonly sizeBytes: number
}

export interface Image {
  readonly seed: number
  readonly configBytes: number
  /** Base first. */
  readonly layers: readonly Layer[]
  readonly ownLayers: readonly Layer[]
  /** 1: the tag names the manifest itself; more: an index of so many. */
  readonly platforms: number
}

// Three kinds of layers, fitted to what IBM's registries served in 2017: 65 % below 1 MB, 80 %
// below 10 MB, 13.5 MB in the mean, 95 % of the bytes in layers above 10 MB.
const layerKinds = [
  // empty layers and metadata
  { upTo: 0.42, medianBytes: 350, sigma: 1.5 },
  // scripts and the code of applications
  { upTo: 0.8, medianBytes: 600e3, sigma: 2 },
  // systems and dependencies
  { upTo: 1, medianBytes: 27e6, sigma: 1.25 },
] as const

const smallestLayerBytes = 32
const largestLayerBytes = 10e9

const baseCount = 80
const baseSlope = 1.6
const meanBaseLayers = 4
const maxBaseLayers = 12
const baseShare = 0.75
// The hottest bases weigh so much that their number of layers would decide how a seed comes out.
const hottestBases = 5
const hottestBaseLayers = 4

const meanOwnLayers = 5
const maxOwnLayers = 80
const indexShare = 0.3
const maxPlatforms = 6

/** Draws images as developers build them: a base that many share, and layers of their own. */
export class ImageMint {
  readonly #random: Random
  readonly #bases: readonly (readonly Layer[])[]
  readonly #popularity = new Zipf(baseCount, baseSlope)
  #seed = 0

  constructor(random: Random) {
    this.#random = random
    this.#bases = Array.from({ length: baseCount }, (_, rank) => {
      const drawn = Math.min(maxBaseLayers, random.geometric(meanBaseLayers))
      return this.#freshLayers(rank < hottestBases ? hottestBaseLayers : drawn)
    })
  }

  /** A repository's first image: three of four stand on a base. */
  first(): Image {
    const base = this.#random.chance(baseShare) ? this.#drawBase() : []
    return this.#assemble(base, this.#freshOwnLayers())
  }

  /** What a build makes: always on a base, with layers that nobody has seen before. */
  build(): Image {
    return this.#assemble(this.#drawBase(), this.#freshOwnLayers())
  }

  /** The next version of an image: its upper layers are new. */
  next({ layers, ownLayers }: Image): Image {
    const base = layers.slice(0, layers.length - ownLayers.length)
    const kept = this.#random.below(ownLayers.length)
    const fresh = this.#freshLayers(ownLayers.length - kept)
    return this.#assemble(base, [...ownLayers.slice(0, kept), ...fresh])
  }

  #assemble(base: readonly Layer[], ownLayers: readonly Layer[]): Image {
    const random = this.#random
    return {
      seed: ++this.#seed,
      configBytes: 2000 + random.below(8000),
      layers: [...base, ...ownLayers],
      ownLayers,
      platforms: random.chance(indexShare) ? 2 + random.below(maxPlatforms - 1) : 1,
    }
  }

  #drawBase(): readonly Layer[] {
    return this.#bases[this.#popularity.draw(this.#random)] ?? []
  }

  #freshOwnLayers(): readonly Layer[] {
    return this.#freshLayers(Math.min(maxOwnLayers, this.#random.geometric(meanOwnLayers)))
  }

  #freshLayers(count: number): readonly Layer[] {
    return Array.from({ length: count }, () => ({
      seed: ++this.#seed,
      sizeBytes: drawLayerBytes(this.#random),
    }))
  }
}

/** Of one layer, compressed. */
export const drawLayerBytes = (random: Random): number => {
  const draw = random.uniform()
  const kind = layerKinds.find(({ upTo }) => draw < upTo) ?? layerKinds[0]
  const bytes = kind.medianBytes * Math.exp(kind.sigma * random.normal())
  return Math.round(Math.min(largestLayerBytes, Math.max(smallestLayerBytes, bytes)))
}
