import type { Logger } from 'pino'
import { formatBytes } from '../config/units.ts'
import type { EventSink } from '../events/any-events.ts'
import { type DiskData, type EvictedImageData, mostListed } from '../events/event-data.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { Eviction } from '../space/evictor.ts'
import type { SpaceNotices } from '../space/pressure.ts'
import type { DiskUse } from '../store/disk-room.ts'

/** Of an image in an event: one may have thousands. */
const mostTags = 10

/** Tells about what goes to make room, and why it isn't enough. */
export function tellOfSpace(logger: Logger, events: EventSink): SpaceNotices {
  return {
    onEviction: (eviction, reason) => {
      logEviction(logger, eviction, reason)
      const { victims, freedBytes: freed } = eviction
      const images = victims.slice(0, mostListed).map(toData)
      events.emit({ kind: 'evict', data: { reason, images, count: victims.length, freed } })
    },
    onHigh: (reason, use) =>
      events.emit({ kind: 'disk-high', data: { reason, ...toDiskData(use) } }),
    onOk: (use) => events.emit({ kind: 'disk-ok', data: toDiskData(use) }),
    ...logLackOfRoom(logger),
    onError: (err, what) => logger.warn({ err }, what),
  }
}

function logEviction(logger: Logger, eviction: Eviction, reason: string): void {
  const { victims, orphans, freedBytes, sharedBytes } = eviction
  const images = victims.map(({ source, digest }) => `${formatSource(source)}@${digest}`)
  logger.debug({ images }, 'evicted')
  const count = victims.length === 1 ? '1 image' : `${victims.length} images`
  const what = `${count}${orphans > 0 ? ` and ${orphans} blobs of none` : ''}`
  const facts = { images: images.length, orphans, bytes: freedBytes }
  const shared =
    sharedBytes > 0
      ? `, of which ${formatBytes(sharedBytes)} stay on the disk, since a backup or another registry's folder has the same files`
      : ''
  logger.info(facts, `evicted ${what}, ${formatBytes(freedBytes)}${shared}: ${reason}`)
}

type OfLack = Pick<SpaceNotices, 'onExhausted' | 'onOffline' | 'onCrowded' | 'onLow'>

function logLackOfRoom(logger: Logger): OfLack {
  return {
    onExhausted: (reason) =>
      logger.warn(
        `nothing is left that may be evicted, though ${reason}: the rest was pushed here, is pinned, or was pulled within space.minAge. "entrepot why IMAGE" tells of each`,
      ),
    onOffline: (reason) =>
      logger.warn(
        `nothing is evicted while no upstream may be asked, since it couldn't be fetched again, though ${reason}. "entrepot evict" makes room by hand`,
      ),
    onCrowded: ({ totalBytes, usedBytes }) => {
      const share = `${Math.round((usedBytes / totalBytes) * 100)} % of ${formatBytes(totalBytes)}`
      logger.warn(
        { usedBytes, totalBytes },
        `other data fills the disk (${share}): the cache gives way once in an hour and not by more than half, and then holds its size. Make room there, or give data: a disk of its own. A backup on the same disk, and a folder that was adopted, hold on to what they share with the cache`,
      )
    },
    onLow: (isLow, { freeBytes }) => {
      const free = formatBytes(freeBytes)
      if (isLow)
        logger.warn(
          `only ${free} of the disk are free, less than space.minFree: nothing new is kept, pulls are passed through and pushes refused`,
        )
      else logger.info(`${free} of the disk are free: what is pulled is kept again`)
    },
  }
}

/** What is evicted came from an upstream. */
function toData({
  source,
  digest,
  tags,
  freedBytes,
}: Eviction['victims'][number]): EvictedImageData {
  const { upstream, repository }: Source = source
  return { upstream, repository, digest, tags: tags.slice(0, mostTags), freed: freedBytes }
}

function toDiskData({ totalBytes, usedBytes, freeBytes }: DiskUse): DiskData {
  return { total: totalBytes, used: usedBytes, free: freeBytes }
}
