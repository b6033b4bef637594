import type { FeedEvent } from '../api/feed-event.ts'
import { originOf, pullerOf } from '../parts/pull-words.ts'

/** Bytes that are on their way now. */
export type LiveBar = {
  readonly key: string
  readonly image: string
  readonly digest: string
  /** From where they come: `docker.io`, or what is kept. */
  readonly from: string
  /** To whom they go, as far as that may be known. */
  readonly to: string
  readonly bytes: number
  readonly size: number | undefined
  /** As it went lately. */
  readonly perSecond: number
  /** When it was told, by the page's own clock. */
  readonly toldAt: number
}

export type Happening = {
  readonly key: string
  readonly kind: 'pull' | 'push' | 'delete' | 'evict' | 'failed'
  readonly what: string
  readonly detail: string
  /** ISO 8601. */
  readonly at: string
}

export type Live = {
  /** By digest and repository. */
  readonly fetches: ReadonlyMap<string, LiveBar>
  readonly transfers: readonly LiveBar[]
  /** The latest first. */
  readonly happened: readonly Happening[]
}

type Of<Kind extends FeedEvent['kind']> = Extract<FeedEvent, { kind: Kind }>

export const quiet: Live = { fetches: new Map(), transfers: [], happened: [] }

const mostHappened = 30
const mostFetches = 200
/** So far ahead of what was told a bar may be drawn. */
const mostAheadMs = 1_200

/** What is shown after an event; `now` is by the page's own clock. */
export function hear(live: Live, event: FeedEvent, now: number): Live {
  switch (event.kind) {
    case 'serving':
      return {
        ...live,
        transfers: event.data.transfers.map((each) => toTransfer(each, event, live, now)),
      }
    case 'fetch':
      return hearFetch(live, event, now)
    case 'pull':
    case 'push':
    case 'delete':
    case 'evict':
      return note(live, toHappening(event))
    default:
      return live
  }
}

/** The stream was lost: what it would have told of the end of what is under way isn't known. */
export function forgetBars(live: Live): Live {
  return { ...live, fetches: new Map(), transfers: [] }
}

/** Each blob once: one that is fetched is written to those who wait for it as it comes. */
export function barsOf({ fetches, transfers }: Live): readonly LiveBar[] {
  const fetched = [...fetches.values()].map((fetch) => {
    const readers = transfers.filter(({ digest }) => digest === fetch.digest)
    const [reader] = readers
    if (!reader) return fetch
    return { ...fetch, image: reader.image, ...(readers.length === 1 && { to: reader.to }) }
  })
  const digests = new Set(fetched.map(({ digest }) => digest))
  return [...fetched, ...transfers.filter(({ digest }) => !digests.has(digest))]
}

/** About how many there are by now: it is told of now and then, and moves meanwhile. */
export function bytesBy({ bytes, size, perSecond, toldAt }: LiveBar, now: number): number {
  const ahead = Math.min(Math.max(now - toldAt, 0), mostAheadMs)
  return Math.min(bytes + (perSecond * ahead) / 1000, size ?? Number.POSITIVE_INFINITY)
}

function hearFetch(live: Live, event: Of<'fetch'>, now: number): Live {
  const { state, upstream, repository, digest, error } = event.data
  const key = `${upstream}/${repository}@${digest}`
  const fetches = new Map(live.fetches)
  const known = fetches.get(key)
  fetches.delete(key)
  if (state === 'ended') return { ...live, fetches }
  if (state === 'failed') {
    const what = `${upstream}/${repository}`
    const failed = {
      key: event.id,
      kind: 'failed',
      what,
      detail: error ?? '',
      at: event.time,
    } as const
    return note({ ...live, fetches }, failed)
  }
  if (fetches.size < mostFetches) fetches.set(key, toFetch(key, event, known, now))
  return { ...live, fetches }
}

function toFetch(
  key: string,
  { data }: Of<'fetch'>,
  known: LiveBar | undefined,
  now: number,
): LiveBar {
  const { upstream = '', repository, digest, received, size, waiting } = data
  return {
    key,
    image: `${upstream}/${repository}`,
    digest,
    from: upstream,
    to: waiting === 0 ? 'kept ahead' : waiting === 1 ? '1 client' : `${waiting} clients`,
    bytes: received,
    size,
    perSecond: speedOf(known, received, now),
    toldAt: now,
  }
}

function detailOf(pull: Of<'pull'>['data']): string {
  const origin = originOf(pull.outcome)
  return pull.client ? `${origin}, to ${pullerOf(pull)}` : origin
}

type Transfer = Of<'serving'>['data']['transfers'][number]

function toTransfer(transfer: Transfer, { time }: FeedEvent, live: Live, now: number): LiveBar {
  const { id, image, digest, cache, startedAt, bytes, size } = transfer
  const known = live.transfers.find(({ key }) => key === id)
  const lastedMs = Date.parse(time) - Date.parse(startedAt)
  const perSecond = known ? speedOf(known, bytes, now) : (bytes / Math.max(lastedMs, 100)) * 1000
  const from = originOf(cache)
  return {
    key: id,
    image,
    digest,
    from,
    to: pullerOf(transfer),
    bytes,
    size,
    perSecond,
    toldAt: now,
  }
}

function speedOf(known: LiveBar | undefined, bytes: number, now: number): number {
  if (!known || now <= known.toldAt) return known?.perSecond ?? 0
  return Math.max(((bytes - known.bytes) / (now - known.toldAt)) * 1000, 0)
}

function note(live: Live, happening: Happening): Live {
  return { ...live, happened: [happening, ...live.happened].slice(0, mostHappened) }
}

function toHappening(event: Of<'pull'> | Of<'push'> | Of<'delete'> | Of<'evict'>): Happening {
  const { id: key, time: at, kind } = event
  switch (event.kind) {
    case 'pull':
      return {
        key,
        kind: event.kind,
        what: event.data.image,
        detail: detailOf(event.data),
        at,
      }
    case 'push':
    case 'delete': {
      const { repository, tags } = event.data
      const [tag] = tags
      const others = tags.length > 1 ? `with ${tags.length} tags` : ''
      return {
        key,
        kind: event.kind,
        what: tag ? `${repository}:${tag}` : repository,
        detail: others,
        at,
      }
    }
    case 'evict': {
      const { images, reason, count } = event.data
      const [first] = images
      const name = first ? [first.upstream, first.repository].filter(Boolean).join('/') : 'images'
      // Only who may see all of them is told how many they were.
      const others = (count ?? images.length) - 1
      return {
        key,
        kind,
        what: others > 0 ? `${name} and ${others} more` : name,
        detail: reason,
        at,
      } as Happening
    }
  }
}
