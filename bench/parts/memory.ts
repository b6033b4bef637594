// Resident memory of a server that was just started with the image kept: at rest, and with many
// clients at once that read slowly, not at all, or as fast as they can.

import { setTimeout as sleep } from 'node:timers/promises'
import { runRawLoad } from '../raw-loader.ts'
import { readResidentBytes, watchPeak } from '../resident-memory.ts'
import { runStalledClients } from '../stalled-clients.ts'
import { plain, type Variant } from '../variants.ts'
import type { Metric, Part, Sample, SiteTarget, StartingCase } from './part.ts'

const mebibyte = 1 << 20
const idleBelow = 90 * mebibyte
const streamsBelow = 160 * mebibyte
const quietMs = 10_000
// Before a load: what starting leaves to do is done by then.
const settleMs = 1000
// Memory hardly varies.
const roundShare = 0.4
// Who reads slowly or not at all needs longer to show what it costs.
const slowTimes = 2

const oneThread: Variant = { name: 'one-thread', threads: 1 }

/** Clients that all pull the layer at once, until this resolves. */
type PullLayer = (url: string, target: SiteTarget) => Promise<unknown>

const slowStreams: PullLayer = (url, { seconds, signal }) => {
  const paced = { connections: 100, bytesPerSecond: 1_000_000, seconds: slowTimes * seconds }
  return runRawLoad({ url, ...paced, signal })
}

const stalledClients: PullLayer = (url, { seconds, signal }) =>
  runStalledClients({ url, clients: 1000, seconds: slowTimes * seconds, signal })

const fastStreams: PullLayer = (url, { seconds, signal }) =>
  runRawLoad({ url, connections: 100, seconds, signal })

const toMebibytes = (bytes: number): string => (bytes / mebibyte).toFixed(0)

const residentMetric = (title: string, goal: Pick<Metric, 'below'> = {}): Metric => ({
  key: 'residentBytes',
  title,
  format: toMebibytes,
  ...goal,
})

const growthMetric: Metric = { key: 'growthBytes', title: 'MiB over idle', format: toMebibytes }

const measureIdle = async ({ kind, site, signal }: SiteTarget): Promise<Sample> => {
  await using server = await kind.start(site)
  await sleep(quietMs, undefined, { signal })
  return { residentBytes: await readResidentBytes(server.process.id) }
}

/** The peak while the clients are there, and how much more that is than before them. */
const measurePeak = async (target: SiteTarget, pullLayer: PullLayer): Promise<Sample> => {
  const { kind, site, image, signal } = target
  await using server = await kind.start(site)
  await sleep(settleMs, undefined, { signal })
  const before = await readResidentBytes(server.process.id)
  const url = `${server.repositoryUrl}/blobs/${image.layer.digest}`
  const peak = await watchPeak(server.process.id, pullLayer(url, target))
  return { residentBytes: peak, growthBytes: peak - before }
}

const quietCase = {
  isQuiet: true,
  roundShare,
  measureStarting: measureIdle,
} satisfies Partial<StartingCase>

const clientsCase = (pullLayer: PullLayer) =>
  ({
    roundShare,
    measureStarting: (target) => measurePeak(target, pullLayer),
  }) satisfies Partial<StartingCase>

export const memory: Part = {
  name: 'memory',
  cases: [
    {
      ...quietCase,
      name: 'memory at rest',
      variant: plain,
      metrics: [residentMetric('MiB')],
    },
    {
      ...quietCase,
      name: 'memory at rest, threads: 1',
      variant: oneThread,
      servers: ['entrepot'],
      metrics: [residentMetric('MiB', { below: idleBelow })],
    },
    {
      ...clientsCase(slowStreams),
      name: 'memory with 100 streams of 1 MB/s',
      variant: plain,
      metrics: [residentMetric('peak MiB', { below: streamsBelow }), growthMetric],
    },
    {
      ...clientsCase(slowStreams),
      name: 'memory with 100 streams of 1 MB/s, threads: 1',
      variant: oneThread,
      servers: ['entrepot'],
      metrics: [residentMetric('peak MiB', { below: streamsBelow }), growthMetric],
    },
    {
      ...clientsCase(stalledClients),
      name: 'memory with 1000 stalled clients',
      variant: plain,
      metrics: [growthMetric, residentMetric('peak MiB')],
    },
    {
      ...clientsCase(fastStreams),
      name: 'memory with 100 streams at full speed',
      variant: plain,
      metrics: [residentMetric('peak MiB'), growthMetric],
    },
  ],
}
