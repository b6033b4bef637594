import type { Stores } from '../../../src/store/open-stores.ts'

const hourMs = 3_600_000
const everyHours = 24 * 30
const cleanEveryHours = 190

/** How full the disk would have been over a month: it fills, and room is made now and then. */
export const writeDemoSpace = async (stores: Stores, now: number): Promise<void> => {
  const { totalBytes } = await stores.room.measure()
  const last = Math.floor(now / hourMs) * hourMs - hourMs
  for (let back = everyHours; back >= 0; back--) {
    const hour = everyHours - back
    const filled = (hour % cleanEveryHours) / cleanEveryHours
    const mirrored = totalBytes * (0.42 + 0.1 * filled)
    const hosted = totalBytes * (0.08 + 0.04 * (hour / everyHours))
    const pinned = totalBytes * 0.06
    const reclaimable = totalBytes * 0.01 * filled
    const others = totalBytes * 0.17
    await stores.spaceHistory.recordSpace({
      at: last - back * hourMs,
      totalBytes,
      usedBytes: Math.round(mirrored + hosted + pinned + reclaimable + others),
      hostedBytes: Math.round(hosted),
      pinnedBytes: Math.round(pinned),
      mirroredBytes: Math.round(mirrored),
      reclaimableBytes: Math.round(reclaimable),
    })
  }
}
