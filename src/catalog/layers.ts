import { setImmediate } from 'node:timers/promises'
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import type { HistoryEntry } from '../oci/image-config.ts'
import type { Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { LayerPart } from './any-catalog.ts'

type Shown = {
  readonly source: Source
  /** Of the image that has them. */
  readonly digest: Digest
  readonly layers: readonly Descriptor[]
  /** In their order, or none. */
  readonly steps: readonly HistoryEntry[]
}

/** Of a layer; how many more there are, nobody reads. */
const mostSharing = 50
/** As many as an image can have that runs; of others it isn't looked who has them too. */
const mostLooked = 130

/** The layers of an image, with what made them and who has them too. Requests are served meanwhile. */
export async function tellLayers(
  { blobs, catalog }: Pick<Stores, 'blobs' | 'catalog'>,
  { source, digest: itself, layers, steps }: Shown,
): Promise<readonly LayerPart[]> {
  const told: LayerPart[] = []
  for (const [place, { digest, mediaType, sizeBytes }] of layers.entries()) {
    const than = { source, digest: itself }
    const isLooked = place < mostLooked
    const sharing = isLooked ? await catalog.listSharing(digest, than, mostSharing) : []
    told.push({
      digest,
      mediaType,
      sizeBytes,
      isKept: (await blobs.find(digest)) === sizeBytes,
      step: steps[place],
      sharing: sharing.map((image) => ({
        source: image.source,
        reference: image.tag ?? image.digest,
      })),
      isSharedByMore: sharing.length === mostSharing,
    })
    await setImmediate()
  }
  return told
}
