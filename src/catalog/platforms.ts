import { type Digest, isDigest } from '../oci/digest.ts'
import type { ListedManifest, ManifestContent } from '../oci/manifest-content.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import type { Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { ListedImage } from './any-catalog.ts'
import type { KeptDocuments } from './kept-documents.ts'

type Settings = { readonly stores: Pick<Stores, 'blobs'>; readonly documents: KeptDocuments }

/** Into the images of an index beyond these nobody looks. */
const mostLooked = 100
const mostNamed = 20

/**
 * Which of those that an index lists is meant by `linux/arm64`, or by its digest. Undefined where none is
 * wanted. Throws RegistryError MANIFEST_UNKNOWN where there is none.
 */
export function choosePlatform(
  { manifests }: ManifestContent,
  platform: string | undefined,
): Digest | undefined {
  if (platform === undefined) return undefined
  const found = manifests.find((listed) =>
    isDigest(platform) ? listed.digest === platform : listed.platform === platform,
  )
  if (found) return found.digest
  const known = manifests.flatMap((listed) => listed.platform ?? []).slice(0, mostNamed)
  const have = known.length === 0 ? 'it lists no platforms' : `it has ${known.join(', ')}`
  throw new RegistryError('MANIFEST_UNKNOWN', `no platform ${quote(platform)}: ${have}`)
}

/** What an index lists, and how much of it is kept. */
export async function tellListed(
  settings: Settings,
  source: Source,
  manifests: readonly ListedManifest[],
): Promise<readonly ListedImage[]> {
  const told: ListedImage[] = []
  for (const [place, listed] of manifests.entries()) {
    const isKept = await settings.documents.hasManifest(source, listed.digest)
    const isLooked = isKept && place < mostLooked
    const sizes = isLooked ? await measure(settings, listed) : undefined
    told.push({ ...listed, isKept, imageBytes: sizes?.imageBytes, keptBytes: sizes?.keptBytes })
  }
  return told
}

async function measure({ stores, documents }: Settings, { digest, sizeBytes }: ListedManifest) {
  const content = await documents.readKnown(digest)
  if (!content) return undefined
  const parts = [...(content.config ? [content.config] : []), ...content.layers]
  let imageBytes = sizeBytes
  let keptBytes = sizeBytes
  for (const part of new Map(parts.map((each) => [each.digest, each])).values()) {
    imageBytes += part.sizeBytes
    if ((await stores.blobs.find(part.digest)) === part.sizeBytes) keptBytes += part.sizeBytes
  }
  return { imageBytes, keptBytes }
}
