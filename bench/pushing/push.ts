// New images pushed to a team's own registry as docker does it, a large one and eight at once, and
// small layers by the hundred: how long until the last answer. Entrepot acknowledges a blob when it
// is on the disk, with its name and its record.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { dropLargeFiles } from '../cold/drop-large-files.ts'
import { startLab } from '../lab.ts'
import { withCost } from '../parts/load.ts'
import type { OwnPart } from '../parts/own-part.ts'
import type { Case, Metric, Sample, Target } from '../parts/part.ts'
import { runRounds } from '../rounds.ts'
import { entrepot } from '../servers/entrepot.ts'
import { hostingRegistry } from '../servers/hosting-registry.ts'
import type { PushOrder, PushReport } from './push-order.ts'

const run = promisify(execFile)
const processFile = join(import.meta.dirname, 'push-process.ts')
// The servers are warmed and checked with little: what is measured is new to them each time.
const warmLayerBytes = 1_000_000
const goals = { 'docker-registry': 1 }

const megabytes: Metric = {
  key: 'bytesPerSecond',
  title: 'MB/s',
  format: (value) => (value / 1e6).toFixed(0),
  atLeast: goals,
}
const requests: Metric = {
  key: 'requestsPerSecond',
  title: 'requests/s',
  format: (value) => value.toFixed(0),
  atLeast: goals,
}
const cost = (title: string): Metric => ({
  key: 'processorMs',
  title: `CPU ms ${title}`,
  format: (value) => value.toFixed(0),
})

interface PushCase extends Omit<PushOrder, 'origin'> {
  readonly name: string
  readonly metrics: Case['metrics']
}

const large = { blobBytes: 256 << 20, asImages: true }
const small = { blobBytes: 4096, asImages: false }
const largeMetrics: Case['metrics'] = [megabytes, cost('in all')]
const smallMetrics: Case['metrics'] = [requests, cost('in all')]

const pushCases: readonly PushCase[] = [
  { name: 'push of 256 MiB', connections: 1, blobs: 1, ...large, metrics: largeMetrics },
  { name: 'push of 256 MiB, 8 at once', connections: 8, blobs: 8, ...large, metrics: largeMetrics },
  { name: 'push of 100 times 4 KiB', connections: 1, blobs: 100, ...small, metrics: smallMetrics },
  {
    name: 'push of 400 times 4 KiB, 16 at once',
    connections: 16,
    blobs: 400,
    ...small,
    metrics: smallMetrics,
  },
]

export const push: OwnPart = {
  name: 'push',
  kinds: [entrepot, hostingRegistry],
  programs: [],
  run: async (options) => {
    const { directory } = options
    await using lab = await startLab({ ...options, layerBytes: warmLayerBytes })
    const cases = pushCases.map((each) => toCase(each, directory))
    return await runRounds(lab, { ...options, parts: [{ name: push.name, cases }] })
  },
}

const toCase = ({ name, metrics, ...order }: PushCase, directory: string): Case => ({
  name,
  metrics,
  measure: async (target) => {
    const sample = await measurePush(target, order)
    // What was pushed is asked for never again; and it goes to the disk, and is dropped, before
    // another server is measured.
    await dropLargeFiles(directory, large.blobBytes)
    await run('sync', ['-f', directory], { signal: target.signal })
    return sample
  },
})

const measurePush = async (target: Target, order: Omit<PushOrder, 'origin'>): Promise<Sample> => {
  const { server, signal } = target
  const { origin } = new URL(server.repositoryUrl)
  const push = () => pushFromOutside({ origin, ...order }, signal)
  const { seconds, bytes, requests, processorSeconds } = await withCost(target, push)
  return {
    bytesPerSecond: bytes / seconds,
    requestsPerSecond: requests / seconds,
    ...(processorSeconds === undefined ? {} : { processorMs: processorSeconds * 1000 }),
  }
}

const pushFromOutside = async (order: PushOrder, signal: AbortSignal): Promise<PushReport> => {
  try {
    const args = [processFile, JSON.stringify(order)]
    const { stdout } = await run(process.execPath, args, { signal, killSignal: 'SIGKILL' })
    return JSON.parse(stdout) as PushReport
  } catch (cause) {
    if (signal.aborted) throw cause
    const { stderr } = cause as { stderr?: string }
    throw new Error(`the push failed: ${stderr?.trim() || String(cause)}`, { cause })
  }
}
