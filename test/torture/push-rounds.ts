// Pushes many images at once, kills the server at a random moment, starts it again on the same folder,
// and holds it to what it acknowledged; again and again.

import { setTimeout as delay } from 'node:timers/promises'
import { findUnowned } from '../support/find-unowned.ts'
import { findWrongBlobs } from '../support/lab/kept-blobs.ts'
import type { Lab } from '../support/lab/lab.ts'
import { startOwnRegistry } from '../support/lab/own-registry.ts'
import type { Entrepot } from '../support/start-entrepot.ts'
import { findBrokenPromises, resumeUploads } from './push-checks.ts'
import { type Ask, openConnections, type PushRecord, push } from './push-client.ts'
import type { Random } from './random.ts'
import { makeImages, type TortureImage } from './torture-images.ts'

export interface PushRound {
  readonly round: number
  readonly killedAfterMs: number
  /** Of the images, those whose manifest had got its 201 by then. */
  readonly acknowledged: number
  /** Uploads that had begun and not ended. */
  readonly openUploads: number
  /** Files under `blobs/` that don't hold what their name says, when the server is back. */
  readonly wrongFiles: readonly string[]
  readonly brokenPromises: readonly string[]
}

interface Options {
  readonly rounds: number
  /** Images that are pushed at once. */
  readonly pushes: number
  readonly random: Random
}

/** The rounds, and what is left in the end that nobody owns. */
export const runPushRounds = async (
  lab: Lab,
  options: Options,
): Promise<{ readonly results: readonly PushRound[]; readonly unowned: readonly string[] }> => {
  const { rounds, pushes, random } = options
  let server = await startOwnRegistry(lab)
  let before: readonly PushRecord[] = []
  const wholeMs = await measure(server, makeImages('unbroken', pushes, random))
  const results: PushRound[] = []
  for (let round = 1; round <= rounds; round++) {
    const images = makeImages(`round-${round}`, pushes, random)
    // They begin one after another, so that they don't all end at the same moment.
    const killedAfterMs = random.draw(1.1 * wholeMs)
    const times = { spreadMs: wholeMs, afterMs: killedAfterMs }
    const records = await pushUntilKilled(server, images, times)
    const acknowledged = records.filter((it) => it.isAcknowledged).length
    const openUploads = records.reduce((sum, { uploads }) => sum + uploads.size, 0)

    server = await startOwnRegistry(lab, { port: server.port })
    const wrongFiles = await findWrongBlobs(server.data)
    const brokenPromises = await settle(server, before, records)
    before = records
    const what = { round, killedAfterMs, acknowledged, openUploads }
    results.push({ ...what, wrongFiles, brokenPromises })
  }
  await server.stop()
  return { results, unowned: await findUnowned(server.data) }
}

/** How long it takes when nothing comes between. */
const measure = async (server: Entrepot, images: readonly TortureImage[]): Promise<number> => {
  const startedAt = performance.now()
  const records = await withConnections(server, (ask) => pushAll(ask, images))
  const failed = records.find(({ isAcknowledged }) => !isAcknowledged)
  if (failed) throw new Error(`${failed.image.tag} didn't get through: ${failed.surprise}`)
  return performance.now() - startedAt
}

const pushUntilKilled = (
  server: Entrepot,
  images: readonly TortureImage[],
  { spreadMs, afterMs }: { spreadMs: number; afterMs: number },
): Promise<readonly PushRecord[]> =>
  withConnections(server, async (ask) => {
    const pushing = pushAll(ask, images, spreadMs)
    await delay(afterMs)
    await server.kill()
    return pushing
  })

/**
 * Looks at what is there of this round and the one before, goes on with what was under way, and pushes
 * again what didn't get through. What didn't in the round before stays as it was left: else `latest`
 * could be at one of its images, of which the next round knows nothing.
 */
const settle = (
  server: Entrepot,
  before: readonly PushRecord[],
  records: readonly PushRecord[],
): Promise<readonly string[]> =>
  withConnections(server, async (ask) => {
    const atFirst = await findBrokenPromises(ask, [...before, ...records])
    const resumed = await resumeUploads(ask, records)
    const unfinished = records.filter(({ isAcknowledged }) => !isAcknowledged)
    // Some clients never come again: what they sent is nobody's.
    const images = unfinished.flatMap(({ image }, i) => (i % 3 === 0 ? [] : [image]))
    const again = await pushAll(ask, images)
    const inTheEnd = await findBrokenPromises(ask, again)
    const failed = again.filter(({ isAcknowledged }) => !isAcknowledged)
    const failures = failed.map(({ image }) => `${image.tag} didn't get through afterwards`)
    return [...atFirst, ...resumed, ...inTheEnd, ...failures]
  })

const pushAll = (
  ask: Ask,
  images: readonly TortureImage[],
  spreadMs = 0,
): Promise<readonly PushRecord[]> =>
  Promise.all(
    images.map(async (image, i) => {
      await delay((i / images.length) * spreadMs)
      return push(ask, image)
    }),
  )

const withConnections = async <T>(server: Entrepot, use: (ask: Ask) => Promise<T>): Promise<T> => {
  const { ask, close } = openConnections(server.url)
  try {
    return await use(ask)
  } finally {
    await close()
  }
}
