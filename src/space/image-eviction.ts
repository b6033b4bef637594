import type { Digest } from '../oci/digest.ts'
import { isDigest } from '../oci/digest.ts'
import { requireGrant } from '../oci/grants.ts'
import type { Reference } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { formatSource, ownSource, type Source } from '../oci/source.ts'
import type { Stores } from '../store/open-stores.ts'
import type { ColdImage, ImageKey, SizedBlob } from '../store/space-records.ts'
import { sumBytes } from './dry-run.ts'
import type { Victim } from './evictor.ts'
import { type Pins, toNames } from './pins.ts'

type Settings = {
  readonly stores: Pick<Stores, 'space' | 'metadata' | 'hosted' | 'accessTimes'>
  readonly pins: Pins
}

/** What goes with one image, or would, and what that frees. */
export type ImageEviction = {
  readonly victims: readonly Victim[]
  readonly freedBytes: number
  /** Of theirs, what other images still need. */
  readonly keptBytes: number
}

/** Of an index; more than these nobody lists. */
const mostParts = 1000

/**
 * The image, and of an index those of its images that no tag nor other index holds, in the order of eviction.
 * Throws RegistryError MANIFEST_UNKNOWN, and DENIED for what was pushed or is pinned.
 */
export async function findVictims(
  settings: Settings,
  source: Source,
  reference: Reference,
): Promise<readonly ColdImage[]> {
  const { stores } = settings
  // What was pulled in the last seconds isn't written yet.
  await stores.accessTimes.settle()
  const image = await findImage(settings, source, reference)
  await requireFree(settings, image)
  const going = new Map([[image.digest, image]])
  for (const each of going.values()) {
    const { parts } = await stores.space.findHolders(each)
    for (const digest of parts) {
      const part = going.has(digest) ? undefined : await stores.space.findColdImage(source, digest)
      if (part && going.size < mostParts && (await isFree(settings, part, going)))
        going.set(digest, part)
    }
  }
  return [...going.values()].sort(
    (one, other) =>
      one.lastPulledAt - other.lastPulledAt ||
      one.repositoryId - other.repositoryId ||
      (one.digest < other.digest ? -1 : 1),
  )
}

/** What would be freed with them; as `evict` does it one by one, whatever else happens meanwhile. */
export async function planImages(
  { stores }: Pick<Settings, 'stores'>,
  images: readonly ColdImage[],
): Promise<ImageEviction> {
  const gone = new Set<Digest>()
  const victims: Victim[] = []
  const freed = new Map<Digest, SizedBlob>()
  const [repositoryId] = images.map((image) => image.repositoryId)
  const isGone = (key: ImageKey) => key.repositoryId === repositoryId && gone.has(key.digest)
  const tags = await stores.space.listTagsOfAll(images)
  for (const [place, image] of images.entries()) {
    const { source, digest, lastPulledAt } = image
    gone.add(digest)
    const found = await stores.space.findFreed(image, isGone)
    const fresh = found.filter((blob) => !freed.has(blob.digest))
    for (const blob of fresh) freed.set(blob.digest, blob)
    victims.push({
      source,
      digest,
      lastPulledAt,
      tags: tags[place] ?? [],
      freedBytes: sumBytes(fresh),
    })
  }
  const freedBytes = sumBytes([...freed.values()])
  const keptBytes = (await stores.space.measureImages([...gone])) - freedBytes
  return { victims, freedBytes, keptBytes }
}

async function findImage(
  { stores }: Settings,
  source: Source,
  reference: Reference,
): Promise<ColdImage> {
  const isOwn = source.own !== undefined && (await stores.hosted.isHosted(source.own))
  requireGrant(source, isOwn)
  if (isOwn) {
    const what = `${formatSource(ownSource(source.own))} was pushed here, and is never evicted: entrepot rm removes it`
    throw new RegistryError('DENIED', what)
  }
  const digest = isDigest(reference)
    ? reference
    : (await stores.metadata.findTag(source, reference))?.digest
  const image = digest && (await stores.space.findColdImage(source, digest))
  if (image) return image
  const what = `${formatSource(source)}${isDigest(reference) ? '@' : ':'}${reference} is not kept here`
  throw new RegistryError('MANIFEST_UNKNOWN', what)
}

async function requireFree({ stores, pins }: Settings, image: ColdImage): Promise<void> {
  const pattern = pins.find(toNames(image, await stores.space.findHolders(image)))
  if (pattern === undefined) return
  throw new RegistryError('DENIED', `it is pinned by ${pattern}: unpin that first`)
}

/** Whether nothing holds it but what is going. */
async function isFree(
  { stores, pins }: Settings,
  part: ColdImage,
  going: ReadonlyMap<Digest, unknown>,
): Promise<boolean> {
  const holders = await stores.space.findHolders(part)
  const isHeld = holders.listedBy.some((index) => !going.has(index.digest))
  return !isHeld && holders.tags.length === 0 && pins.find(toNames(part, holders)) === undefined
}
