// How long Entrepot's event loop was held up, in whichever of its threads, while it was loaded in
// different ways. Each sample is a process of its own, so that the first requests count as well;
// what it does at its start doesn't.

import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { manifestMediaType } from '../image.ts'
import { loopDelayModule, readLoopDelays, watchOwnLoop } from '../loop-delays.ts'
import { millionBlobs, readManifestPaths } from '../million-blobs.ts'
import { type RawLoad, runRawLoad } from '../raw-loader.ts'
import type { RunningServer } from '../servers/server.ts'
import { summarize } from '../statistics.ts'
import { plain, type Variant } from '../variants.ts'
import type { Metric, Part, Sample, SiteTarget, StartingCase } from './part.ts'

const maxBelowMs = 50
const roundShare = 0.6
const settleMs = 1000
// Two lines of every thread.
const reportMs = 500
// Access times are written every five seconds.
const flushSeconds = 7
const fetchTimeoutSeconds = 60

const formatMs = (value: number): string => value.toFixed(1)

const metrics: readonly [Metric, ...Metric[]] = [
  { key: 'maxMs', title: 'longest ms', format: formatMs, below: maxBelowMs },
  { key: 'p99Ms', title: 'p99 ms (median quarter second)', format: formatMs },
  { key: 'idleMaxMs', title: 'longest ms of an idle loop beside it', format: formatMs },
]

type Load = (server: RunningServer, target: SiteTarget) => Promise<unknown>

const measureLoop = async (target: SiteTarget, load: Load): Promise<Sample> => {
  const { kind, site, signal } = target
  const folder = await mkdtemp(join(site.directory, 'loop-'))
  await using server = await kind.start({ ...site, preloads: loopDelayModule(folder) })
  await sleep(settleMs, undefined, { signal })
  // Nothing runs in this process meanwhile: what holds up its loop is the machine's other work.
  using idle = watchOwnLoop()
  const from = Date.now()
  await load(server, target)
  const to = Date.now()
  const idleMaxMs = idle.readMaxMs()
  await sleep(reportMs, undefined, { signal })
  const delays = await readLoopDelays(folder, from, to)
  return {
    maxMs: Math.max(...delays.map(({ maxMs }) => maxMs)),
    p99Ms: summarize(delays.map(({ p99Ms }) => p99Ms)).median,
    idleMaxMs,
  }
}

type Clients = Pick<RawLoad, 'connections' | 'bytesPerSecond'>

const pullLayer =
  (clients: Clients): Load =>
  (server, { image, seconds, signal }) =>
    runRawLoad({ ...clients, url: layerUrl(server, image.layer.digest), seconds, signal })

const layerUrl = ({ repositoryUrl }: RunningServer, digest: string): string =>
  `${repositoryUrl}/blobs/${digest}`

const pullTag: Load = ({ repositoryUrl }, { image, seconds, signal }) => {
  const url = `${repositoryUrl}/manifests/${image.tag}`
  return runRawLoad({
    url,
    headers: { Accept: manifestMediaType },
    connections: 32,
    seconds,
    signal,
  })
}

const fetchLayer: Load = async (server, { image: { layer }, signal }) => {
  const load = { url: layerUrl(server, layer.digest), connections: 8, seconds: fetchTimeoutSeconds }
  const { requests } = await runRawLoad({ ...load, answers: load.connections, signal })
  if (requests < load.connections)
    throw new Error(`the layer didn't come whole within ${fetchTimeoutSeconds} s`)
}

/** Of ten thousand images in turn, so that a full load of access times is written. */
const pullMany: Load = async ({ repositoryUrl: url }, { site, seconds, signal }) => {
  const paths = await readManifestPaths(site)
  const headers = { Accept: manifestMediaType }
  const longEnough = Math.max(seconds, flushSeconds)
  await runRawLoad({ url, paths, headers, connections: 32, seconds: longEnough, signal })
}

const inEmptyFolder = async (target: SiteTarget): Promise<SiteTarget> => {
  const directory = await mkdtemp(join(target.site.directory, 'empty-'))
  return { ...target, site: { ...target.site, directory } }
}

const loopCase = (name: string, load: Load, variant: Variant = plain): StartingCase => ({
  name: `event loop, ${name}`,
  servers: ['entrepot'],
  variant,
  metrics,
  roundShare,
  measureStarting: (target) => measureLoop(target, load),
})

export const eventLoop: Part = {
  name: 'event-loop',
  cases: [
    loopCase('kept manifests, 32 connections', pullTag),
    loopCase('kept blob, 8 connections', pullLayer({ connections: 8 })),
    loopCase(
      'kept blob, 100 streams of 1 MB/s',
      pullLayer({ connections: 100, bytesPerSecond: 1_000_000 }),
    ),
    {
      ...loopCase('100 MB fetched for 8 clients', fetchLayer),
      measureStarting: async (target) => measureLoop(await inEmptyFolder(target), fetchLayer),
    },
    loopCase('access times of a million blobs written', pullMany, millionBlobs),
  ],
}
