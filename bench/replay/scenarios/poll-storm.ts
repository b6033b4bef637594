import type { Plan, PlannedPull } from '../clients/plan.ts'
import { phasesOf } from '../clients/report.ts'
import { fillShelf, type Placement } from '../content/fill-shelf.ts'
import { asCount, asMs, type Finding, tell, wantAtMost, wantBelow } from '../findings.ts'
import { watchOtherWork } from '../site/other-work.ts'
import { dockerHub, findUpstream, type Ground, openSite } from '../site/site.ts'
import { ImageMint } from '../trace/images.ts'
import { Random } from '../trace/random.ts'
import { judgePulls, tellLoad } from './client-findings.ts'
import type { Scenario } from './scenario.ts'

const seed = 11
const clients = 1000
const tags = 40
const seconds = 20
/** A minute of the real world passes in one second. */
const timesFaster = 60
const pollEveryMs = 60_000 / timesFaster
const tagTtlMs = (5 * 60_000) / timesFaster
const upstreamDelayMs = 20
const wantedP99Ms = 50
/** Until then all clients have connected, which in the real world takes them a minute. */
const connectedAfterMs = 2 * pollEveryMs

const run = async (ground: Ground): Promise<readonly Finding[]> => {
  const mint = new ImageMint(new Random(seed))
  const placements: Placement[] = Array.from({ length: tags }, (_, at) => ({
    repository: nameOf(at),
    image: mint.first(),
    tags: ['latest'],
  }))
  const { shelf } = await fillShelf(placements, { ...ground, name: 'poll-storm', byteScale: 0.001 })
  await using site = await openSite(ground, { shelves: { [dockerHub]: shelf }, tagTtlMs })
  const upstream = findUpstream(site, dockerHub)
  const plan = { serverUrl: site.entrepot.url, connectionsPerClient: 1, pingsPerPull: 0 }
  await site.clients.run('poll-storm, filling', { ...plan, ...planFilling() })
  await upstream.configure({ delayMs: upstreamDelayMs })
  const readOtherWork = await watchOtherWork(site)
  const cpuBefore = await site.entrepot.readProcessorSeconds()
  const report = await site.clients.run('poll-storm', { ...plan, ...planStorm() })
  const cpuAfter = await site.entrepot.readProcessorSeconds()
  const { manifestHeads, manifestGets } = await upstream.readCounts()
  const [connecting, phase = connecting] = phasesOf(report)
  const intervals = Math.ceil(report.elapsedMs / tagTtlMs)
  return [
    ...judgePulls('connecting', connecting),
    ...judgePulls('storm', phase),
    wantAtMost('upstream checks', manifestHeads + manifestGets, tags * intervals, {
      format: asCount,
      reason: `${tags} in each of ${intervals} tagTtl`,
    }),
    wantBelow('p99 of a HEAD by tag', phase.latencies.tag?.total.p99Ms, wantedP99Ms, {
      format: asMs,
    }),
    tell('longest HEAD by tag', phase.latencies.tag?.total.maxMs, asMs),
    ...tellLoad('storm', { ...report, elapsedMs: report.elapsedMs - connectedAfterMs }, phase),
    tell(
      'CPU us/request',
      microsPerRequest(cpuBefore, cpuAfter, connecting.requests + phase.requests),
      asCount,
    ),
    await readOtherWork(),
  ]
}

const microsPerRequest = (before: number | undefined, after: number | undefined, count: number) =>
  before === undefined || after === undefined ? undefined : ((after - before) * 1e6) / count

const nameOf = (at: number): string => `app/${at}`

const pullOf = (at: number): Omit<PlannedPull, 'atMs' | 'client' | 'depth'> => ({
  name: `${dockerHub}/${nameOf(at)}`,
  tag: 'latest',
})

type Part = Pick<Plan, 'order' | 'pulls' | 'slowReaders' | 'secondPhaseAtMs'>

const planFilling = (): Part => ({
  order: 'serial',
  slowReaders: [],
  pulls: Array.from({ length: tags }, (_, at) => ({
    ...pullOf(at),
    atMs: 0,
    client: 0,
    depth: 'manifests',
  })),
})

// Every client has its own moment within the minute and its own image.
const planStorm = (): Part => {
  const random = new Random(seed)
  const pulls = Array.from({ length: clients }, (_, client) => {
    const firstAtMs = random.uniform() * pollEveryMs
    return Array.from({ length: (seconds * 1000) / pollEveryMs }, (_, round) => ({
      ...pullOf(client % tags),
      atMs: firstAtMs + round * pollEveryMs,
      client,
      depth: 'check' as const,
    }))
  })
  return {
    order: 'timed',
    secondPhaseAtMs: connectedAfterMs,
    slowReaders: [],
    pulls: pulls.flat().toSorted((a, b) => a.atMs - b.atMs),
  }
}

export const pollStorm: Scenario = {
  name: 'poll-storm',
  title: '1,000 clients that each ask by HEAD, once a minute, whether one of 40 tags has moved',
  scale: [
    `time: ${timesFaster}x faster, ${clients / (pollEveryMs / 1000)} HEADs/s for ${seconds} s; tagTtl ${tagTtlMs / 1000} s for 5 m`,
    `upstream takes ${upstreamDelayMs} ms for an answer`,
  ],
  run,
}
