// What the mirror of a site is asked for, one manifest request after the other: the trace model in
// ../replay/trace, played by clients of two platforms.
//
// Sources of the model: the requests that IBM's registries logged in 2017 (Anwar et al., FAST'18),
// recounted on the public excerpt of 725,242 GETs: 132,000 events from 5,000 repositories ask for as
// many blobs, with the same popularity, sharing of reuse and infinite hit ratio. Layer sizes follow
// the same paper's (65 % below 1 MB, 80 % below 10 MB). Where it doesn't fit, or nothing was found
// to fit it to:
// - Sizes don't depend on popularity. If hot layers are smaller, every order does better than here,
//   those that prefer small things most.
// - Half of the manifests are asked for once here, of the excerpt's 84 %: orders that count uses
//   see more repeated images than there were.
// - Images have a middle too heavy (median 30 to 45 MB, Docker Hub's 17) and a tail too light (p90
//   250 MB against 480), and no model weights of many gigabytes.
// - A client lacks each layer by a toss (0.6), not by what it pulled before; repositories don't
//   share layers but for their base; there is no time, so no nights and weekends; and repositories
//   are as popular at the end as at the start, which flatters orders that count uses: in a cache of
//   10 %, LFU-DA by image hits 1 point of bytes more than LRU by image here, and 3 points less on the
//   real log (logged-demands.ts).
// - Polls are GETs, as in 2017; most clients of today poll by HEAD.
// - Assumed, without a source: three of ten tags are an index, and one client in eight runs on
//   its second platform, whose layers are as large and shared in the same way as the first one's.

import type { Image, Layer } from '../replay/trace/images.ts'
import { createTrace, type TraceEvent } from '../replay/trace/trace.ts'

/** What a cache keeps or lets go. Every one has a number of its own, from 0 up. */
export interface Thing {
  readonly id: number
  readonly sizeBytes: number
}

/** Of an image for one platform, with its config; or an index, which has no blobs of its own. */
export interface Manifest extends Thing {
  readonly blobs: readonly Thing[]
  /** The index that leads to it. */
  readonly index: Manifest | undefined
  /** Of an index: those that were asked for so far. */
  readonly platforms: readonly Manifest[]
  /** It and its blobs, whoever shares them. */
  readonly imageBytes: number
}

export interface Demand {
  /** A poll asks for no blobs. A pull does so too, if the client has them all. */
  readonly kind: 'poll' | 'pull'
  /** In the order asked for: an index, then the platform's manifest; or that alone. */
  readonly manifests: readonly Manifest[]
  readonly blobs: readonly Thing[]
}

const repositories = 5000
const clients = 1000
// Of the trace model: without layers, with one, with an entry of an index.
const manifestBytes = 400
const layerEntryBytes = 180
const platformEntryBytes = 480
const clientsPerOtherPlatform = 8

/** The same for the same seed. */
export const createDemands = (seed: number, events: number): readonly Demand[] => {
  const trace = createTrace({ seed, events, repositories, tagsPerRepository: 1, clients })
  const things = new Things()
  return trace.events.map((event) => things.demand(event))
}

interface OpenIndex extends Manifest {
  readonly platforms: Manifest[]
}

/** Gives everything that is asked for its number. */
class Things {
  readonly #byKey = new Map<string, Thing>()
  readonly #indexes = new Map<number, OpenIndex>()
  readonly #manifests = new Map<string, Manifest>()
  #count = 0

  demand({ kind, image, layers, client }: TraceEvent): Demand {
    const isIndex = image.platforms > 1
    const isOther = client % clientsPerOtherPlatform === clientsPerOtherPlatform - 1
    const platform = isIndex && isOther ? 1 : 0
    const index = isIndex ? this.#index(image) : undefined
    const manifest = this.#manifest(image, platform, index)
    if (kind === 'poll') return { kind, manifests: [index ?? manifest], blobs: [] }
    return {
      kind: 'pull',
      manifests: index === undefined ? [manifest] : [index, manifest],
      blobs: layers.map((layer) => this.#blob(layer, platform)),
    }
  }

  #index(image: Image): OpenIndex {
    const known = this.#indexes.get(image.seed)
    if (known !== undefined) return known
    const sizeBytes = manifestBytes + platformEntryBytes * image.platforms
    const nothing = { blobs: [], index: undefined, platforms: [], imageBytes: sizeBytes }
    const index: OpenIndex = { id: this.#count++, sizeBytes, ...nothing }
    this.#indexes.set(image.seed, index)
    return index
  }

  #manifest(image: Image, platform: number, index: OpenIndex | undefined): Manifest {
    const key = `${image.seed}/${platform}`
    const known = this.#manifests.get(key)
    if (known !== undefined) return known
    const blobs = image.layers.map((layer) => this.#blob(layer, platform))
    const sizeBytes = manifestBytes + layerEntryBytes * blobs.length + image.configBytes
    const imageBytes = blobs.reduce((sum, blob) => sum + blob.sizeBytes, sizeBytes)
    const id = this.#count++
    const manifest: Manifest = { id, sizeBytes, blobs, index, platforms: [], imageBytes }
    index?.platforms.push(manifest)
    this.#manifests.set(key, manifest)
    return manifest
  }

  #blob({ seed, sizeBytes }: Layer, platform: number): Thing {
    const key = `${seed}/${platform}`
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const blob = { id: this.#count++, sizeBytes }
    this.#byKey.set(key, blob)
    return blob
  }
}
