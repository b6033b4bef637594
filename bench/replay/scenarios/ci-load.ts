// What a team of 50 developers and their CI do in a working day's six busiest hours, from the trace
// model: polls and pulls of the world's images, and pulls of what the team itself builds.

import type { Plan, PlannedPull } from '../clients/plan.ts'
import { fillShelf } from '../content/fill-shelf.ts'
import type { ShelvedImage, ShelvedTag } from '../content/shelf.ts'
import { dockerHub, type Ground } from '../site/site.ts'
import type { Image } from '../trace/images.ts'
import { Random } from '../trace/random.ts'
import { createTrace, type Trace, type TraceEvent } from '../trace/trace.ts'
import {
  type CiShelves,
  findImage,
  placeTeam,
  placeWorld,
  tagOf,
  teamName,
  teamRegistry,
  worldName,
} from './ci-images.ts'

const seed = 7
const clients = 90
const connectionsPerClient = 3
const repositories = 400
/** 7.5 in the real world: to fill the cache takes longest. */
const tagsPerRepository = 2
const pingsPerPull = 2.5
/** 6,000 pulls a day in ten hours, and the polls that come with them. */
const eventsInSixHours = 8000
const fillingClients = 16

const sixHoursMs = 6 * 3_600_000

export interface CiScale {
  /** How long six hours take. */
  readonly sixHoursTakeMs: number
  readonly durationMs: number
  readonly byteScale: number
}

export const describeScale = ({ sixHoursTakeMs, durationMs, byteScale }: CiScale): string[] => {
  const timesFaster = sixHoursMs / sixHoursTakeMs
  return [
    `time: ${timesFaster}x faster, ${durationMs / 1000} s for ${((durationMs * timesFaster) / 3_600_000).toFixed(1)} h; tagTtl ${tagTtlOf(sixHoursTakeMs)} ms for 5 m`,
    `bytes: layers of ${byteScale} of their real size; configs and manifests as they are`,
    `held before: ${repositories} repositories with ${tagsPerRepository} tags each in the mean, of 7.5`,
  ]
}

export const tagTtlOf = (sixHoursTakeMs: number): number =>
  Math.round((5 * 60_000 * sixHoursTakeMs) / sixHoursMs)

/** A pull of the trace, with its time and what it needs to be complete. */
export interface TimedEvent extends TraceEvent {
  readonly atMs: number
}

export interface CiLoad {
  readonly shelves: CiShelves
  readonly held: readonly Image[]
  readonly events: readonly TimedEvent[]
  readonly plan: (serverUrl: string) => Plan
  readonly planFilling: (serverUrl: string) => Plan
  /** When `latest` moves to what was pushed. */
  readonly moves: readonly (ShelvedTag & { readonly atMs: number })[]
}

export const createCiLoad = async (ground: Ground, scale: CiScale): Promise<CiLoad> => {
  const { durationMs, sixHoursTakeMs, byteScale } = scale
  const events = Math.round((eventsInSixHours * durationMs) / sixHoursTakeMs)
  const trace = createTrace({ seed, events, repositories, tagsPerRepository, clients })
  const timed = spread(trace.events, durationMs)
  const fill = { ...ground, byteScale }
  const world = await fillShelf(placeWorld(trace), { ...fill, name: 'ci-world' })
  const team = await fillShelf(placeTeam(trace), { ...fill, name: 'ci-team' })
  const find = (image: Image): ShelvedImage => findImage({ world, team }, image)
  const common = { connectionsPerClient, slowReaders: [] }
  return {
    shelves: { world, team },
    held: trace.held.flat(),
    events: timed,
    plan: (serverUrl) => ({
      ...common,
      serverUrl,
      order: 'timed',
      pingsPerPull,
      pulls: timed.map(planPull),
    }),
    planFilling: (serverUrl) => ({
      ...common,
      serverUrl,
      order: 'serial',
      pingsPerPull: 0,
      pulls: planFilling(trace),
    }),
    moves: timed.flatMap(({ pushed, repository, atMs }) =>
      pushed === undefined || repository === undefined
        ? []
        : [
            {
              atMs,
              repository: worldName(repository.rank),
              tag: 'latest',
              digest: find(pushed).digest,
            },
          ],
    ),
  }
}

// Independent clients make a Poisson process.
const spread = (events: readonly TraceEvent[], durationMs: number): TimedEvent[] => {
  const random = new Random(seed)
  const gaps = events.map(() => random.exponential(1))
  const total = gaps.reduce((sum, gap) => sum + gap, 0)
  let passed = 0
  return events.map((event, at) => {
    passed += gaps[at] ?? 0
    return { ...event, atMs: (passed / total) * durationMs }
  })
}

const planPull = (event: TimedEvent): PlannedPull => {
  const { atMs, client, kind, image, repository, isLatest, layers } = event
  const wanted = new Set(layers)
  const name =
    repository === undefined
      ? `${teamRegistry}/${teamName(image)}`
      : `${dockerHub}/${worldName(repository.rank)}`
  return {
    atMs,
    client,
    name,
    tag: isLatest ? 'latest' : tagOf(image),
    depth: kind === 'poll' ? 'check' : layers.length === 0 ? 'manifests' : 'image',
    layers: image.layers.flatMap((layer, at) => (wanted.has(layer) ? [at] : [])),
  }
}

// The newest is known by both its names.
const planFilling = ({ held }: Trace): PlannedPull[] =>
  held.flatMap((images, rank) =>
    images.flatMap((image) => {
      const tags = image === images.at(-1) ? [tagOf(image), 'latest'] : [tagOf(image)]
      return tags.map((tag, at) => ({
        atMs: 0,
        client: rank % fillingClients,
        name: `${dockerHub}/${worldName(rank)}`,
        tag,
        depth: at === 0 ? ('image' as const) : ('manifests' as const),
      }))
    }),
  )
