import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { readImageLayers } from '../oci/image-layers.ts'
import { type ManifestContent, readManifestContent } from '../oci/manifest-content.ts'
import type { Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { KeptManifest, ManifestKeeper } from './manifest-keeper.ts'

type Settings = { readonly stores: Pick<Stores, 'blobs'>; readonly keeper: ManifestKeeper }

/** What an image consists of, as far as it is known, and what of it isn't kept. */
export type WarmingPlan = {
  /** Those whose manifests are kept. */
  readonly images: readonly KeptManifest[]
  /** Listed by an index, and their manifests aren't kept. */
  readonly unknown: readonly Digest[]
  /** Configs and layers, each once. */
  readonly missing: readonly Descriptor[]
}

/** Indexes in indexes beyond this are nobody's. */
const deepest = 3
/** Of an index; nobody lists more. */
const mostImages = 500

/**
 * Looks what is kept of an image, and asks nobody. Of an index, of all that it lists; with a platform, of that
 * one's and what attests it.
 */
export async function planWarming(
  { stores, keeper }: Settings,
  source: Source,
  { digest, platform }: { readonly digest: Digest; readonly platform: string | undefined },
): Promise<WarmingPlan> {
  const images: KeptManifest[] = []
  const unknown: Digest[] = []
  const parts = new Map<Digest, Descriptor>()
  const waiting = [{ digest, depth: 0 }]
  const seen = new Set<Digest>([digest])
  for (const { digest: each, depth } of waiting) {
    const kept = await keeper.find(source, each)
    if (!kept) {
      unknown.push(each)
      continue
    }
    images.push(kept)
    const content = readManifestContent(kept.bytes)
    for (const part of findParts(kept, content)) parts.set(part.digest, part)
    for (const listed of depth < deepest ? chooseListed(content, platform) : []) {
      if (seen.has(listed) || seen.size > mostImages) continue
      seen.add(listed)
      waiting.push({ digest: listed, depth: depth + 1 })
    }
  }
  const missing: Descriptor[] = []
  for (const part of parts.values())
    if ((await stores.blobs.find(part.digest)) !== part.sizeBytes) missing.push(part)
  return { images, unknown, missing }
}

/** As far as its registry has them. */
function findParts(
  { bytes, mediaType }: KeptManifest,
  { config, layers }: ManifestContent,
): readonly Descriptor[] {
  const image = readImageLayers(bytes, mediaType)
  if (!image || !config) return []
  const own = new Set(image.layers)
  return [config, ...layers.filter(({ digest }) => own.has(digest))]
}

function chooseListed(
  { manifests }: ManifestContent,
  platform: string | undefined,
): readonly Digest[] {
  if (platform === undefined) return manifests.map(({ digest }) => digest)
  const meant = manifests.filter((each) => each.platform === platform || each.digest === platform)
  const digests = new Set(meant.map(({ digest }) => digest))
  const attesting = manifests.filter(({ attests }) => attests && digests.has(attests))
  return [...digests, ...attesting.map(({ digest }) => digest)]
}
