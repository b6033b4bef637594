// A 100 MB layer that every server already holds, pulled whole again and again: bytes per second,
// over plain HTTP and over TLS, with a session that lasts.

import { checkContent } from '../check-answers.ts'
import { runRawLoad } from '../raw-loader.ts'
import type { ServerName } from '../servers/server.ts'
import type { Variant } from '../variants.ts'
import { type Cost, loadServer, withCost } from './load.ts'
import type { Metric, Part, RunningCase, Sample, Target } from './part.ts'

type Goals = Readonly<Partial<Record<ServerName, number>>>

// Of cases that have no goal.
const roundShare = 0.6
const tls: Variant = { name: 'tls', isTls: true }

interface Moved extends Cost {
  readonly bytes: number
  readonly bytesPerSecond: number
}

type RunLoad = (target: Target, connections: number) => Promise<Moved>

const blobMetrics = (atLeast: Goals): [Metric, ...Metric[]] => [
  { key: 'bytesPerSecond', title: 'MB/s', format: (value) => (value / 1e6).toFixed(0), atLeast },
  { key: 'processorMsPerGB', title: 'CPU ms/GB', format: (value) => value.toFixed(0) },
]

const measureBlob = async (
  target: Target,
  connections: number,
  runLoad: RunLoad,
): Promise<Sample> => {
  await checkContent(layerUrl(target), target.image.layer.digest, target.signal)
  const { bytes, bytesPerSecond, processorSeconds } = await runLoad(target, connections)
  if (processorSeconds === undefined) return { bytesPerSecond }
  return { bytesPerSecond, processorMsPerGB: (processorSeconds * 1000) / (bytes / 1e9) }
}

const layerUrl = ({ server, image }: Target): string =>
  `${server.repositoryUrl}/blobs/${image.layer.digest}`

const loadPlain: RunLoad = (target, connections) => {
  const { seconds, signal } = target
  return withCost(target, async () => {
    const report = await runRawLoad({ url: layerUrl(target), connections, seconds, signal })
    return { bytes: report.bytes, bytesPerSecond: report.bytes / report.seconds }
  })
}

// wrk speaks to OpenSSL directly, and takes a little less of the processor than Node's own TLS.
const loadTls: RunLoad = (target, connections) => {
  const bodyBytes = target.image.layer.size
  return loadServer(target, { url: layerUrl(target), headers: {}, bodyBytes, connections })
}

export const plainCase = (connections: number, atLeast: Goals): RunningCase => ({
  name: `kept blob, ${nameConnections(connections)}`,
  metrics: blobMetrics(atLeast),
  measure: (target) => measureBlob(target, connections, loadPlain),
})

export const tlsCase = (connections: number): RunningCase => ({
  name: `kept blob over TLS, ${nameConnections(connections)}`,
  variant: tls,
  roundShare,
  metrics: blobMetrics({}),
  measure: (target) => measureBlob(target, connections, loadTls),
})

const nameConnections = (count: number): string => `${count} connection${count === 1 ? '' : 's'}`

export const keptBlob: Part = {
  name: 'kept-blob',
  cases: [
    plainCase(1, { 'docker-registry': 1.6, nginx: 1 }),
    plainCase(8, { 'docker-registry': 1.35, nginx: 1 }),
    { ...plainCase(64, {}), roundShare },
  ],
}

export const keptBlobTls: Part = {
  name: 'kept-blob-tls',
  cases: [tlsCase(1), tlsCase(8), tlsCase(64)],
}
