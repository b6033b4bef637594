import type { Digest } from '../oci/digest.ts'
import type { Stores } from '../store/open-stores.ts'
import type { ColdImage, SizedBlob } from '../store/space-records.ts'
import { eachAtOnce } from './each-at-once.ts'
import { EvictionPlan } from './eviction-plan.ts'
import type { Eviction, Run } from './evictor.ts'
import { findOrphans } from './orphans.ts'
import type { Pins } from './pins.ts'

type Settings = {
  readonly stores: Pick<Stores, 'blobs' | 'space' | 'accessTimes'>
  readonly pins: Pins
  readonly now: () => number
  readonly signal: AbortSignal
}

/** The largest tell for the others: each look is a trip to the disk. */
const mostLooks = 200
const looksAtOnce = 16

type Chosen = { readonly image: ColdImage; readonly freed: readonly SizedBlob[] }

type Planned = Run & { readonly orphansAfter: Digest | undefined }

/** What a run would take away; fetches that broke off aside. */
export async function planEviction(settings: Settings, run: Planned): Promise<Eviction> {
  const { stores } = settings
  await stores.accessTimes.flush()
  const orphans = await chooseOrphans(settings, run)
  const orphanBytes = sumBytes(orphans)
  const chosen = await chooseImages(settings, { ...run, bytes: run.bytes - orphanBytes })
  const images = chosen.map(({ image }) => image)
  const tags = await stores.space.listTagsOfAll(images)
  const victims = chosen.map(({ image: { source, digest, lastPulledAt }, freed }, index) => {
    const freedBytes = sumBytes(freed)
    return { source, digest, lastPulledAt, tags: tags[index] ?? [], freedBytes }
  })
  const freed = [...orphans, ...chosen.flatMap((each) => each.freed)]
  const sharedBytes = await measureShared(settings, freed)
  const freedBytes = sumBytes(freed)
  const isEnough = freedBytes >= run.bytes
  return { victims, orphans: orphans.length, freedBytes, isEnough, sharedBytes }
}

async function chooseOrphans(
  { stores, now, signal }: Settings,
  { bytes, orphansAfter: after }: Planned,
): Promise<readonly SizedBlob[]> {
  const chosen: SizedBlob[] = []
  let chosenBytes = 0
  if (bytes <= 0) return chosen
  for await (const { orphans } of findOrphans(stores.space, { after, now: now(), signal })) {
    chosen.push(...orphans)
    chosenBytes += sumBytes(orphans)
    if (chosenBytes >= bytes) break
  }
  return chosen
}

async function chooseImages(
  { stores, pins, signal }: Settings,
  run: Run,
): Promise<readonly Chosen[]> {
  const chosen: Chosen[] = []
  if (run.bytes <= 0) return chosen
  const plan = new EvictionPlan({ records: stores.space, pins })
  let bytes = 0
  for await (const image of plan.run(run)) {
    const { repositoryId } = image
    // An index frees no image that went before it a second time.
    const freed = (await stores.space.findFreed(image, plan.isGone)).filter(
      ({ digest }) => digest === image.digest || !plan.isGone({ repositoryId, digest }),
    )
    chosen.push({ image, freed })
    bytes += sumBytes(freed)
    if (bytes >= run.bytes || signal.aborted) break
  }
  return chosen
}

async function measureShared({ stores }: Settings, blobs: readonly SizedBlob[]): Promise<number> {
  const largest = blobs
    .toSorted((one, other) => other.sizeBytes - one.sizeBytes)
    .slice(0, mostLooks)
  let bytes = 0
  await eachAtOnce(largest, looksAtOnce, async ({ digest, sizeBytes }) => {
    if (await stores.blobs.isShared(digest)) bytes += sizeBytes
  })
  return bytes === 0 ? 0 : Math.round((sumBytes(blobs) * bytes) / sumBytes(largest))
}

export function sumBytes(blobs: readonly SizedBlob[]): number {
  return blobs.reduce((total, { sizeBytes }) => total + sizeBytes, 0)
}
