import { LRUCache } from 'lru-cache'
import type { Digest } from '../oci/digest.ts'
import { readImageLayers } from '../oci/image-layers.ts'
import { formatSource, type Source } from '../oci/source.ts'

/** An image of one repository that was pulled lately. */
export type RecentImage = {
  readonly source: Source
  readonly digest: Digest
  /** In the manifest's order. */
  readonly layers: ReadonlySet<Digest>
  readonly config: Digest
}

type PulledManifest = {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/** Of one repository; beyond these the database knows. */
const maxImages = 16
/** Of all together: some 2 MB. */
const maxLayers = 20_000

/** Images whose manifests were pulled lately: which one a layer is wanted for, without asking the database. */
export class RecentImages {
  /** By repository, the last one first. */
  readonly #images = new LRUCache<string, readonly RecentImage[]>({
    maxSize: maxLayers,
    sizeCalculation: (images) => images.reduce((sum, { layers }) => sum + layers.size + 2, 1),
  })

  /** A manifest was pulled. Undefined if it is no image's. */
  note(source: Source, pulled: PulledManifest): RecentImage | undefined {
    const known = this.noteAgain(source, pulled.digest)
    return known ?? this.#putFirst(readImage(source, pulled))
  }

  /** The same for one whose manifest isn't at hand; undefined if it isn't known any more. */
  noteAgain(source: Source, digest: Digest): RecentImage | undefined {
    const images = this.#images.get(formatSource(source))
    return this.#putFirst(images?.find((image) => image.digest === digest))
  }

  #putFirst(image: RecentImage | undefined): RecentImage | undefined {
    if (!image) return undefined
    const key = formatSource(image.source)
    const known = this.#images.get(key) ?? []
    if (known[0] === image) return image
    const others = known.filter((other) => other !== image)
    this.#images.set(key, [image, ...others].slice(0, maxImages))
    return image
  }

  /** The one pulled last of those in the repository that have this config or layer. */
  find(source: Source, digest: Digest): RecentImage | undefined {
    const images = this.#images.get(formatSource(source))
    return images?.find(({ layers, config }) => layers.has(digest) || config === digest)
  }
}

function readImage(
  source: Source,
  { digest, mediaType, bytes }: PulledManifest,
): RecentImage | undefined {
  const image = readImageLayers(bytes, mediaType)
  return image && { source, digest, config: image.config, layers: new Set(image.layers) }
}
