import { formatBytes } from '../config/units.ts'
import { formatAgo } from './human-values.ts'
import { askServer } from './server-client.ts'
import type { ServerOptions } from './server-place.ts'
import { toPlainLine } from './table.ts'

type Options = ServerOptions & { readonly json?: boolean }

type Answer = {
  readonly what: string
  readonly digest?: string
  readonly isKept: boolean
  readonly isPushed: boolean
  readonly since?: string
  readonly lastPulledAt?: string
  readonly neededBy: readonly string[]
  readonly pinnedBy?: string
  readonly safeUntil?: string
  readonly colderImages?: number
  readonly freesBytes?: number
  readonly eviction?: {
    readonly at: string
    readonly reason: string
    readonly name: string
    readonly digest: string
    readonly tags: readonly string[]
    readonly lastPull: string
    readonly freedBytes: number
  }
}

/** `entrepot why`: why an image or a blob is kept, when it would go, or when and why it went. */
export async function why(name: string, options: Options): Promise<void> {
  const path = `/api/v1/why?name=${encodeURIComponent(name)}`
  const answer = (await askServer(options, 'GET', path)) as Answer
  const text = options.json ? JSON.stringify(answer) : describe(answer).map(toPlainLine).join('\n')
  process.stdout.write(`${text}\n`)
}

function describe(answer: Answer): readonly string[] {
  const lines = answer.isKept ? describeKept(answer) : [`${answer.what} isn't kept`]
  const { eviction } = answer
  if (eviction) return [...lines, ...describeEviction(eviction, answer.isKept)]
  if (answer.isKept) return lines
  return [
    ...lines,
    'Nobody pulled it through this server, or it went before the last 10,000 evictions',
  ]
}

function describeKept(answer: Answer): readonly string[] {
  const { what, digest, since, lastPulledAt, neededBy } = answer
  const now = Date.now()
  const at = digest && !what.includes(digest) ? ` (${digest})` : ''
  const how = since ? ` since ${since} (${formatAgo(since, now)})` : ''
  return [
    `${what}${at} is kept${how}`,
    ...(answer.isPushed ? ['It was pushed here, and so it is never evicted'] : []),
    ...(lastPulledAt ? [`Last pulled ${lastPulledAt} (${formatAgo(lastPulledAt, now)})`] : []),
    ...(neededBy.length > 0 ? [`Needed by ${neededBy.join(', ')}`] : []),
    ...(answer.isPushed ? [] : describePlace(answer)),
  ]
}

function describePlace({ pinnedBy, safeUntil, colderImages, freesBytes }: Answer) {
  const frees = freesBytes === undefined ? '' : `; that would free ${formatBytes(freesBytes)}`
  if (pinnedBy !== undefined) return [`Pinned by ${pinnedBy}: it is never evicted`]
  const order =
    colderImages === undefined
      ? 'No image that is kept names it: it is among the first to go'
      : `${colderImages === 1 ? '1 image' : `${colderImages} images`} would go before it${frees}`
  return safeUntil === undefined
    ? [order]
    : [`Pulled so recently that it stays at least until ${safeUntil} (space.minAge)`, order]
}

function describeEviction(eviction: NonNullable<Answer['eviction']>, isKept: boolean) {
  const { at, reason, name, digest, tags, lastPull, freedBytes } = eviction
  const image =
    tags.length > 0 ? tags.map((tag) => `${name}:${tag}`).join(', ') : `${name}@${digest}`
  return [
    `${isKept ? 'Before that it' : 'It'} was evicted ${at} (${formatAgo(at, Date.now())}): ${reason}`,
    `It went with ${image}, last pulled ${lastPull}, which freed ${formatBytes(freedBytes)}`,
  ]
}
