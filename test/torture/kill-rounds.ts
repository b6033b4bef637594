// Pulls a blob, kills the server at a random moment, starts it again on the same folder, and looks
// at what it has left there; again and again.

import { setTimeout as delay } from 'node:timers/promises'
import { request } from 'undici'
import type { Descriptor } from '../support/image-builder.ts'
import { findWrongBlobs } from '../support/lab/kept-blobs.ts'
import type { Lab } from '../support/lab/lab.ts'
import { startMirror } from '../support/lab/mirror.ts'
import { pushImage } from '../support/lab/push-image.ts'
import { pullRaw, type RawPull } from '../support/lab/raw-client.ts'
import { startRegistry } from '../support/lab/registry.ts'
import type { Entrepot } from '../support/start-entrepot.ts'
import type { Random } from './random.ts'

export interface KillRound {
  readonly round: number
  readonly sizeBytes: number
  readonly killedAfterMs: number
  /** What the pull that was broken off had got by then. */
  readonly receivedBytes: number
  /** Files under `blobs/` that don't hold what their name says, when the server is back. */
  readonly wrongFiles: readonly string[]
  readonly expectedDigest: string
  /** Of the pull after that. */
  readonly pull: RawPull
}

const repository = 'team/torture'
const smallestBytes = 1024
const largestBytes = 64 * 1024 * 1024
/** As a pull takes here: so much to begin, to sync and to name the file, and so much for its bytes. */
const pullMs = { fixed: 40, bytesPerMs: 150_000 }

export const runKillRounds = async (
  lab: Lab,
  rounds: number,
  random: Random,
): Promise<readonly KillRound[]> => {
  const upstream = await startRegistry(lab)
  const start = (port?: number) =>
    startMirror(lab, { url: upstream.url }, port === undefined ? {} : { port })
  let mirror = await start()
  const results: KillRound[] = []
  for (let round = 1; round <= rounds; round++) {
    const size = random.drawSize(smallestBytes, largestBytes)
    const blob = await pushBlob(upstream.url, `round-${round}`, size)
    const killedAfterMs = random.draw(pullMs.fixed + blob.size / pullMs.bytesPerMs)
    const receivedBytes = await pullUntilKilled(mirror, blob, killedAfterMs)

    mirror = await start(mirror.port)
    const wrongFiles = await findWrongBlobs(mirror.data)
    const pull = await pullRaw(urlOf(mirror, blob))
    const what = { round, sizeBytes: blob.size, killedAfterMs, receivedBytes }
    results.push({ ...what, wrongFiles, expectedDigest: blob.digest, pull })
  }
  return results
}

const pushBlob = async (url: string, tag: string, size: number): Promise<Descriptor> => {
  const { layers } = await pushImage({ url, repository }, tag, { seed: tag, layerSizes: [size] })
  const [layer] = layers
  if (layer === undefined) throw new Error('an image of one layer has none')
  return layer
}

const urlOf = (mirror: Entrepot, { digest }: Descriptor): string =>
  `${mirror.url}/v2/docker.io/${repository}/blobs/${digest}`

/** Begins the pull in this process: there is no other program whose start takes time. */
const pullUntilKilled = async (
  mirror: Entrepot,
  blob: Descriptor,
  afterMs: number,
): Promise<number> => {
  const pulling = countReceived(urlOf(mirror, blob))
  await delay(afterMs)
  await mirror.kill()
  return pulling
}

const countReceived = async (url: string): Promise<number> => {
  let receivedBytes = 0
  try {
    const { body } = await request(url)
    for await (const chunk of body) receivedBytes += (chunk as Buffer).length
  } catch {
    // It was broken off: how far it came is the answer.
  }
  return receivedBytes
}
