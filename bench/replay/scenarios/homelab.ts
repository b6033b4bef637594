import { setTimeout as sleep } from 'node:timers/promises'
import type { Plan, PlannedPull } from '../clients/plan.ts'
import { phasesOf } from '../clients/report.ts'
import { fillShelf, type Placement } from '../content/fill-shelf.ts'
import {
  asCount,
  asMegabytes,
  asMs,
  type Finding,
  tell,
  wantAtMost,
  wantBelow,
} from '../findings.ts'
import { watchOtherWork } from '../site/other-work.ts'
import { dockerHub, findUpstream, type Ground, openSite, type Site } from '../site/site.ts'
import type { Image } from '../trace/images.ts'
import { createTrace, type Trace, type TraceEvent } from '../trace/trace.ts'
import { judgePulls, tellLoad } from './client-findings.ts'
import type { Scenario } from './scenario.ts'

const seed = 3
const hosts = 3
const images = 40
const tagsPerImage = 2
const pullsPerDay = 10
const days = 7
const dayTakesMs = 4000
const timesFaster = 86_400_000 / dayTakesMs
const tagTtlMs = Math.round((5 * 60_000) / timesFaster)
const byteScale = 0.1
const upstreamDelayMs = 20
const limit = { pulls: 100, windowMs: (6 * 3_600_000) / timesFaster }
const quietMs = 5000
const wantedIdleBytes = 100e6
const wantedRestartMs = 1000

const run = async (ground: Ground): Promise<readonly Finding[]> => {
  // Of the trace, only the pulls of the world's images are a homelab's.
  const options = { seed, events: 4 * days * pullsPerDay, repositories: images }
  const trace = createTrace({ ...options, tagsPerRepository: tagsPerImage, clients: hosts })
  const pulls = trace.events.filter(({ kind }) => kind === 'pull').slice(0, days * pullsPerDay)
  const placements = place(trace, pulls)
  const { shelf } = await fillShelf(placements, { ...ground, name: 'homelab', byteScale })
  const settings = { shelves: { [dockerHub]: shelf }, tagTtlMs, extraConfig: 'threads: 1' }
  await using site = await openSite(ground, settings)
  const upstream = findUpstream(site, dockerHub)
  await upstream.configure({ delayMs: upstreamDelayMs, limit })
  const started = await site.entrepot.readMemory()
  const readOtherWork = await watchOtherWork(site)
  await site.clients.run('homelab, first pulls', planFirstPulls(site))
  const week = await site.clients.run('homelab, a week', planWeek(site, pulls))
  const counts = await upstream.readCounts()
  ground.report('homelab: leaving it alone')
  await sleep(quietMs, undefined, { signal: ground.signal })
  const idle = await site.entrepot.readMemory()
  const restart = await measureRestart(site, ground.signal)
  const [phase] = phasesOf(week)
  return [
    ...judgePulls('week', phase),
    tell('resident after the start', started?.residentBytes, asMegabytes),
    wantBelow('resident when left alone after the week', idle?.residentBytes, wantedIdleBytes, {
      format: asMegabytes,
    }),
    tell('most memory, resident', idle?.peakBytes, asMegabytes),
    wantBelow('restart, from SIGTERM to an image served', restart, wantedRestartMs, {
      format: asMs,
    }),
    wantAtMost('upstream: answers 429', counts.tooManyRequests, 0, { format: asCount }),
    tell('upstream: manifest GETs', counts.manifestGets, asCount),
    tell('upstream: manifest HEADs', counts.manifestHeads, asCount),
    tell('upstream: bytes', counts.blobBytes, asMegabytes),
    ...tellLoad('week', week, phase),
    await readOtherWork(),
  ]
}

const nameOf = (rank: number): string => `library/app-${rank}`
const tagOf = ({ seed: version }: Image): string => `v${version}`

const place = ({ held }: Trace, pulls: readonly TraceEvent[]): Placement[] => [
  ...held.flatMap((versions, rank) =>
    versions.map((image) => ({
      repository: nameOf(rank),
      image,
      tags: [tagOf(image), ...(image === versions.at(-1) ? ['latest'] : [])],
    })),
  ),
  ...pulls.flatMap(({ repository, image }) =>
    repository === undefined
      ? []
      : [{ repository: nameOf(repository.rank), image, tags: [tagOf(image)] }],
  ),
]

type Part = Pick<PlannedPull, 'name' | 'tag'>

const latestOf = (rank: number): Part => ({ name: `${dockerHub}/${nameOf(rank)}`, tag: 'latest' })

const planFor = (site: Site, order: Plan['order'], pulls: readonly PlannedPull[]): Plan => ({
  serverUrl: site.entrepot.url,
  connectionsPerClient: 3,
  order,
  pingsPerPull: 1,
  slowReaders: [],
  pulls,
})

const planFirstPulls = (site: Site): Plan => {
  const pulls = Array.from({ length: images }, (_, rank) => ({
    ...latestOf(rank),
    atMs: 0,
    client: rank % hosts,
    depth: 'image' as const,
  }))
  return planFor(site, 'serial', pulls)
}

// Ten pulls spread over each day; at its end an update checker asks for all images at once.
const planWeek = (site: Site, pulls: readonly TraceEvent[]): Plan => {
  const daily = pulls.map(({ client, repository, image, isLatest, layers }, at) => ({
    ...latestOf(repository?.rank ?? 0),
    tag: isLatest ? 'latest' : tagOf(image),
    atMs: (at * dayTakesMs) / pullsPerDay,
    client,
    depth: layers.length === 0 ? ('manifests' as const) : ('image' as const),
    layers: layers.map((layer) => image.layers.indexOf(layer)),
  }))
  const nightly = Array.from({ length: days }, (_, day) =>
    Array.from({ length: images }, (_each, rank) => ({
      ...latestOf(rank),
      atMs: (day + 1) * dayTakesMs - 1,
      client: 0,
      depth: 'check' as const,
    })),
  )
  const planned = [...daily, ...nightly.flat()].toSorted((a, b) => a.atMs - b.atMs)
  return planFor(site, 'timed', planned)
}

const measureRestart = async ({ entrepot }: Site, signal: AbortSignal): Promise<number> => {
  const startedAt = performance.now()
  await entrepot.restart()
  const { name, tag } = latestOf(0)
  const response = await fetch(`${entrepot.url}/v2/${name}/manifests/${tag}`, {
    method: 'HEAD',
    signal,
  })
  if (response.status !== 200)
    throw new Error(`after the restart ${name}:${tag} was answered ${response.status}`)
  return performance.now() - startedAt
}

export const homelab: Scenario = {
  name: 'homelab',
  title: `${hosts} hosts with ${images} images, a week of ${pullsPerDay} pulls a day and a nightly check of all tags`,
  scale: [
    `time: ${timesFaster}x faster, a day takes ${dayTakesMs / 1000} s; tagTtl ${tagTtlMs} ms for 5 m`,
    `bytes: layers of ${byteScale} of their real size`,
    `upstream takes ${upstreamDelayMs} ms for an answer and allows ${limit.pulls} manifest GETs in six hours`,
  ],
  run,
}
