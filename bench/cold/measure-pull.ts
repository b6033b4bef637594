import { execFile } from 'node:child_process'
import { openAsBlob } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { writeLayer } from '../image.ts'
import type { LineCounts, LineLimits } from '../line/limits.ts'
import type { Line } from '../line/start-line.ts'
import type { Sample, Target } from '../parts/part.ts'
import { readProcessorSeconds } from '../processor-time.ts'
import { pushBlob } from '../push.ts'
import type { ColdLab } from './cold-lab.ts'
import { pullBlob } from './pull-blob.ts'
import type { PullReport } from './pull-order.ts'

const quietPatienceMs = 30_000

export interface ColdPull {
  readonly clients: number
  readonly layerBytes: number
  readonly limits: LineLimits
  readonly patienceSeconds: number
}

/** `seconds` of a pull that was given up; in the JSON, which has no infinity, it is null. */
export const givenUp = Number.POSITIVE_INFINITY

/**
 * Pushes a new layer to upstream and measures how many clients at once pull it through a server.
 * Directly it is always one client: that is what the others are compared with.
 */
export const measurePull = async (
  lab: ColdLab,
  pull: ColdPull,
  target: Target,
): Promise<Sample> => {
  const { line, upstreamUrl, directory } = lab
  const { server, image, signal } = target
  const file = join(directory, 'fresh-layer')
  const { digest, size } = await writeLayer(file, pull.layerBytes)
  const body = await openAsBlob(file)
  await pushBlob(`${upstreamUrl}/v2/${image.repository}`, { digest, body }, signal)
  // What this and other servers have written goes to the disk now, and not while one is measured.
  await promisify(execFile)('sync', ['-f', directory], { signal })
  await line.limit(pull.limits)
  const url = `${server.repositoryUrl}/blobs/${digest}`
  const clients = server.name === 'direct' ? 1 : pull.clients
  const patienceMs = pull.patienceSeconds * 1000
  const before = await readProcessorSeconds(server.process.id)
  const report = await pullBlob({ url, clients, file, patienceMs }, signal)
  const after = await readProcessorSeconds(server.process.id)
  const { bodyBytes, gets, connections } = await countAfter(line, report, { clients, signal })
  await rm(file)
  return {
    ...toTimes(report, clients),
    // Of a pull that was given up: so far.
    upstreamTimes: bodyBytes / size,
    upstreamGets: gets,
    upstreamConnections: connections,
    bytes: report.bytes,
    layerBytes: size,
    ...(before === undefined || after === undefined ? {} : { processorSeconds: after - before }),
  }
}

const toTimes = (report: PullReport, clients: number): Sample => {
  const { doneClients, firstByteMs, lastByteMs } = report
  const isDone = doneClients === clients && lastByteMs !== null
  return {
    seconds: isDone ? lastByteMs / 1000 : givenUp,
    doneClients,
    ...(firstByteMs === null ? {} : { firstByteMs }),
  }
}

/**
 * The line's counts once nothing passes it any more: what a server still fetches for its store
 * counts too. After a pull that was given up it is counted as far as it came, and the rest, which
 * would take its share of the next measurement's line, is hurried through.
 */
const countAfter = async (
  line: Line,
  { doneClients }: PullReport,
  { clients, signal }: { readonly clients: number; readonly signal: AbortSignal },
): Promise<LineCounts> => {
  const early = await line.read()
  const isDone = doneClients === clients
  if (!isDone) await line.limit({})
  await line.waitUntilQuiet(quietPatienceMs, signal)
  return isDone ? line.read() : early
}
