import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import type { Caller } from '../access/caller.ts'
import type {
  EvictionAnswer,
  EvictionsAnswer,
  NextEvictionsAnswer,
  SpaceHistoryAnswer,
} from '../answers/space.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { AnySpace } from '../space/any-space.ts'
import type { Environment, RequestContext } from './environment.ts'
import { readNumber } from './list-query.ts'
import { readVisible } from './visible-part.ts'

type Asked = {
  readonly space: AnySpace
  readonly access: Access
  readonly now: () => number
}

type Listed = Awaited<ReturnType<AnySpace['listEvictions']>>[number]

const usualLimit = 50
const mostLimit = 500
/** Of what went, at a time: whoever may see little of it, or wants one, has all of it gone through. */
const leastLooked = 100
/** To find what is further down, all before it is gone through. */
const mostOffset = 10_000
/** Of whom not all is to be seen. */
const mostLooked = 2_000
const usualDays = 30
const mostDays = 366
const dayMs = 86_400_000
/** As many points as a screen shows. */
const mostSamples = 360
const sampleMs = 10 * 60_000

/** What went, what would go next, and how full the disk was: `/evictions`, `/next-evictions`, `/space/history`. */
export function addEvictions(api: Hono<Environment>, asked: Asked): void {
  const get = (path: string, answer: (c: RequestContext, asked: Asked) => Promise<object>) => {
    api.get(path, async (c) => {
      asked.access.requireReader(c.get('caller'))
      return c.json(await answer(c, asked))
    })
  }
  get('/evictions', listEvictions)
  get('/next-evictions', listNext)
  get('/space/history', describeHistory)
}

async function listEvictions(c: RequestContext, asked: Asked): Promise<EvictionsAnswer> {
  const { space } = asked
  const limit = readNumber(c, 'limit', { usual: usualLimit, least: 1, most: mostLimit })
  const first = readNumber(c, 'after', { usual: 0, least: 0, most: Number.MAX_SAFE_INTEGER })
  const { entries, hasMore } = await readVisible<Listed>(
    { after: first === 0 ? undefined : String(first), limit },
    {
      read: async ({ after, limit }) => {
        const before = after === undefined ? undefined : Number(after)
        const looked = Math.max(limit, leastLooked)
        const found = await space.listEvictions({ before, limit: looked + 1 })
        return { entries: found.slice(0, looked), hasMore: found.length > looked }
      },
      isVisible: maySee(asked, c.get('caller')),
      keyOf: ({ id }) => String(id),
      most: mostLimit,
    },
  )
  const last = entries.at(-1)
  return {
    evictions: entries.map(toJson),
    next: hasMore && last ? String(last.id) : undefined,
  }
}

async function listNext(c: RequestContext, asked: Asked): Promise<NextEvictionsAnswer> {
  const limit = readNumber(c, 'limit', { usual: usualLimit, least: 1, most: mostLimit })
  const offset = readNumber(c, 'offset', { usual: 0, least: 0, most: mostOffset })
  const caller = c.get('caller')
  const { victims, hasMore } = asked.access.mayPullAll(caller)
    ? await asked.space.listNext({ offset, limit })
    : await listVisible(asked, caller, { offset, limit })
  const images = victims.map(({ source, digest, tags, lastPulledAt, freedBytes }) => {
    const lastPull = toIso(lastPulledAt)
    return { name: formatSource(source), digest, tags, lastPull, freedBytes }
  })
  return { images, hasMore }
}

/** Of the first ones: how many there are of others isn't told. */
async function listVisible(
  asked: Asked,
  caller: Caller,
  { offset, limit }: { readonly offset: number; readonly limit: number },
) {
  const { victims } = await asked.space.listNext({ offset: 0, limit: mostLooked })
  const visible = victims.filter(maySee(asked, caller))
  const hasMore = visible.length > offset + limit
  return { victims: visible.slice(offset, offset + limit), hasMore }
}

async function describeHistory(c: RequestContext, asked: Asked): Promise<SpaceHistoryAnswer> {
  const days = readNumber(c, 'days', { usual: usualDays, least: 1, most: mostDays })
  const stepMs = Math.ceil((days * dayMs) / mostSamples / sampleMs) * sampleMs
  const since = asked.now() - days * dayMs
  const { samples, evictions } = await asked.space.describeHistory({ since, stepMs })
  const mayKnow = asked.access.mayPullAll(c.get('caller'))
  return {
    stepSeconds: stepMs / 1000,
    samples: samples.map(({ at, ...sample }) => ({ at: toIso(at), ...sample })),
    evictions: mayKnow ? evictions.map(({ at, ...sums }) => ({ at: toIso(at), ...sums })) : [],
  }
}

function maySee({ access }: Asked, caller: Caller) {
  return ({ source }: { readonly source: Source }) => access.may(caller, 'pull', source)
}

function toJson({ source, digest, tags, reason, ...eviction }: Listed): EvictionAnswer {
  return {
    at: toIso(eviction.at),
    name: formatSource(source),
    digest,
    tags,
    reason,
    freedBytes: eviction.freedBytes,
    firstFetch: toIso(eviction.firstFetchedAt),
    lastPull: toIso(eviction.lastPulledAt),
  }
}

function toIso(at: number): string {
  return new Date(at).toISOString()
}
