import type { Stores } from '../store/open-stores.ts'
import { sumBytes } from './dry-run.ts'
import { EvictionPlan } from './eviction-plan.ts'
import type { Victim } from './evictor.ts'
import type { Pins } from './pins.ts'

type Settings = {
  readonly stores: Pick<Stores, 'space' | 'accessTimes'>
  readonly pins: Pins
  /** What was pulled since then stays. */
  readonly before: number
}

export type NextPage = { readonly offset: number; readonly limit: number }

export type NextVictims = {
  readonly victims: readonly Victim[]
  /** Whether others come after them. */
  readonly hasMore: boolean
}

/** What would go next, in that order, and what each would free after those before it. */
export async function listNext(
  { stores, pins, before }: Settings,
  { offset, limit }: NextPage,
): Promise<NextVictims> {
  await stores.accessTimes.settle()
  const plan = new EvictionPlan({ records: stores.space, pins })
  const victims: Omit<Victim, 'tags'>[] = []
  const images = []
  let place = 0
  let hasMore = false
  for await (const image of plan.run({ before })) {
    if (place++ < offset) continue
    if (images.length === limit) {
      hasMore = true
      break
    }
    const { source, digest, lastPulledAt, repositoryId } = image
    const freed = (await stores.space.findFreed(image, plan.isGone)).filter(
      (blob) => blob.digest === digest || !plan.isGone({ repositoryId, digest: blob.digest }),
    )
    images.push(image)
    victims.push({ source, digest, lastPulledAt, freedBytes: sumBytes(freed) })
  }
  const tags = await stores.space.listTagsOfAll(images)
  return { victims: victims.map((victim, at) => ({ ...victim, tags: tags[at] ?? [] })), hasMore }
}
