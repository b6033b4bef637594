import { statfs } from 'node:fs/promises'
import {
  type Slot,
  type SlotCounter,
  slotCounterNames,
  slotLengthsMs,
} from '../../../src/store/chronicle-records.ts'
import type { Stores } from '../../../src/store/open-stores.ts'

const hourMs = 3_600_000
const days = 30

/** How full the disk was in a month: it grows, and something goes once a week. */
export const writeDemoSpace = async (stores: Stores, data: string, now: number): Promise<void> => {
  const { blocks, bfree, bsize } = await statfs(data)
  const [totalBytes, usedNow] = [blocks * bsize, (blocks - bfree) * bsize]
  const last = Math.floor(now / hourMs) * hourMs
  for (let back = days * 24; back > 0; back--) {
    const week = 1 - ((back % 168) / 168) * 0.2
    const grown = (1 - (back / (days * 24)) * 0.15) * week
    await stores.spaceHistory.recordSpace({
      at: last - back * hourMs,
      totalBytes,
      usedBytes: Math.round(usedNow * grown),
      hostedBytes: 5_600_000,
      pinnedBytes: 0,
      mirroredBytes: Math.round(13_000_000 * grown),
      reclaimableBytes: 0,
    })
  }
}

export interface DemoUpstream {
  readonly name: string
  readonly url: string
}

/** How upstreams did in a day: one was away for a while, one said that there were too many. */
export const writeDemoUpstreams = async (
  stores: Stores,
  upstreams: readonly DemoUpstream[],
  now: number,
): Promise<void> => {
  const count = (24 * hourMs) / slotLengthsMs.short
  const first =
    Math.floor(now / slotLengthsMs.short) * slotLengthsMs.short - (count - 1) * slotLengthsMs.short
  const slots = upstreams.flatMap((upstream, place) =>
    Array.from({ length: count - 1 }, (_, index) =>
      slotOf(upstream, place, first + index * slotLengthsMs.short, index),
    ),
  )
  const [hub, , quay] = upstreams
  const troubles = [
    ...(quay
      ? [
          {
            ...troubleOf(quay, first + 100 * slotLengthsMs.short),
            kind: 'unavailable' as const,
            message: 'quay.io says 502 Bad Gateway',
          },
        ]
      : []),
    ...(hub
      ? [
          {
            ...troubleOf(hub, first + 190 * slotLengthsMs.short),
            kind: 'limited' as const,
            message: 'docker.io says 429 Too Many Requests: you have reached your pull rate limit',
          },
        ]
      : []),
  ]
  await stores.chronicle.addChronicle({ slots, troubles })
}

const troubleOf = ({ name, url }: DemoUpstream, at: number) => ({
  upstream: name,
  url,
  repository: '',
  firstAt: at,
  lastAt: at + 120_000,
  times: 7,
})

const slotOf = ({ name, url }: DemoUpstream, place: number, at: number, index: number): Slot => {
  const isDown = place === 2 && index >= 100 && index < 108
  const isLimited = place === 0 && index >= 190 && index < 195
  const requests = 4 + ((index * 7 + place * 3) % 9)
  const counts: Record<SlotCounter, number> = {
    ...(Object.fromEntries(slotCounterNames.map((each) => [each, 0])) as Record<
      SlotCounter,
      number
    >),
    requests,
    bytes: requests * 800_000,
    ...(isDown && { unavailable: requests, downMs: slotLengthsMs.short }),
    ...(isLimited && { limited: 3, limitedMs: slotLengthsMs.short }),
    ...(!isDown && { took3: requests - 3, took4: 2 + (index % 2), took5: index % 5 === 0 ? 2 : 1 }),
  }
  return { upstream: name, url, at, answeredAt: isDown ? 0 : at + 60_000, counts }
}
