import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import type { EvictImageAnswer, PinAnswer } from '../answers/actions.ts'
import type { SpaceAnswer } from '../answers/space.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import { parseDigest } from '../oci/digest.ts'
import { parseImageName } from '../oci/image-name.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import { formatSource } from '../oci/source.ts'
import { looksLikeHost } from '../oci/upstream-name.ts'
import type { AnySpace, WantedEviction } from '../space/any-space.ts'
import type { Victim } from '../space/evictor.ts'
import type { Explanation } from '../space/explanations.ts'
import type { Environment, RequestContext } from './environment.ts'
import { toTime } from './inspection-json.ts'
import { readFlag, readObject, readShort, readText } from './read-json.ts'

type Asked = {
  readonly mirror: AnyMirror
  readonly space: AnySpace
  readonly access: Access
}

const maxBodyBytes = 4096
/** Of an eviction are listed. */
const mostListed = 10_000

/** How full the disk is, what would go, why, and what never goes: `/space`, `/evict`, `/why` and `/pins`. */
export function addSpace(api: Hono<Environment>, asked: Asked): void {
  const { space, access } = asked
  api.get('/space', async (c) => {
    access.requireReader(c.get('caller'))
    const answer: SpaceAnswer = await space.describeParts()
    return c.json(answer)
  })
  api.get('/why', async (c) => c.json(await explain(c, asked)))
  api.get('/pins', async (c) => {
    access.requireAll(
      c.get('caller'),
      'pins name what is kept, and not all of it is yours to pull: ask with a token for --may pull or admin on "**"',
    )
    return c.json(await space.listPins())
  })
  const post = (path: string, answer: (c: RequestContext, asked: Asked) => Promise<object>) => {
    api.post(path, async (c) => {
      access.requireAdmin(c.get('caller'))
      return c.json(await answer(c, asked))
    })
  }
  post('/evict', evict)
  post('/pin', (c) => pin(c, asked))
  post('/unpin', (c) => unpin(c, asked))
}

/** `{"image": "docker.io/library/node:20"}`; `dryRun` only says which pattern that is. */
async function pin(c: RequestContext, asked: Asked): Promise<PinAnswer> {
  const { text, isDryRun } = await readPattern(c)
  refuseVain(asked, text)
  const { pattern, isNew } = await (isDryRun ? asked.space.planPin(text) : asked.space.pin(text))
  return { image: pattern, isNew }
}

async function unpin(c: RequestContext, { space }: Asked): Promise<PinAnswer> {
  const { text, isDryRun } = await readPattern(c)
  const { pattern, wasPinned } = await (isDryRun ? planUnpin(space, text) : space.unpin(text))
  if (wasPinned) return { image: pattern }
  const { configured } = await space.listPins()
  const hint = configured.includes(pattern)
    ? 'space.pins in mirrors.yaml pins it: take it out there'
    : 'entrepot pin lists what is'
  throw new RegistryError('NAME_UNKNOWN', `${pattern} isn't pinned by hand: ${hint}`)
}

async function planUnpin(space: AnySpace, text: string) {
  const { added } = await space.listPins()
  if (added.includes(text)) return { pattern: text, wasPinned: true }
  const { pattern, isNew } = await space.planPin(text)
  return { pattern, wasPinned: !isNew }
}

/** `{"dryRun": true, "to": 0.6}`, both optional; or `{"image": "docker.io/library/node:20"}`, that one. */
async function evict(c: RequestContext, asked: Asked) {
  const fields = readObject(await readShort(c, maxBodyBytes), ['dryRun', 'to', 'image'])
  if (fields.image !== undefined) return evictImage(c, asked, fields)
  const { space } = asked
  const { to } = fields
  if (to !== undefined && !(typeof to === 'number' && to >= 0 && to <= 1)) {
    const what = `to: ${quote(JSON.stringify(to))} is no share of the disk: wanted 0 to 1, as 0.6 for 60 %`
    throw new RegistryError('MANIFEST_INVALID', what)
  }
  const isDryRun = readFlag(fields, 'dryRun')
  const facts = c.get('facts')
  if (isDryRun) facts.dryRun = true
  facts.subject = to === undefined ? 'the cache' : `the cache, to ${Math.round(to * 100)} %`
  const eviction = await space.evict({ isDryRun, toShare: to })
  const { victims, freedBytes } = eviction
  facts.outcome = `${victims.length} images, ${freedBytes} bytes`
  return toJsonEviction(eviction)
}

async function evictImage(
  c: RequestContext,
  { mirror, space, access }: Asked,
  fields: Parameters<typeof readFlag>[0],
): Promise<EvictImageAnswer> {
  if (fields.to !== undefined)
    throw new RegistryError('MANIFEST_INVALID', 'wanted "image" or "to", and not both')
  const isDryRun = readFlag(fields, 'dryRun')
  const facts = c.get('facts')
  if (isDryRun) facts.dryRun = true
  const { name, reference } = parseImageName(readText(fields, 'image'))
  const source = access.admit(c.get('caller'), mirror.resolve({ name }))
  Object.assign(facts, { repository: formatSource(source), reference })
  const { victims, ...eviction } = await space.evictImage(source, reference, { isDryRun })
  facts.outcome = `${victims.length} images, ${eviction.freedBytes} bytes`
  const images = victims.slice(0, mostListed).map(toJsonVictim)
  return { images, count: victims.length, ...eviction }
}

/** `?name=docker.io/library/node:20`, or a digest. */
async function explain(c: RequestContext, { mirror, space, access }: Asked) {
  const text = c.req.query('name') ?? ''
  if (standsForDigest(text)) {
    const what =
      'whose digest it is is not known, and not all that is kept is yours to pull: ask by name'
    access.requireAll(c.get('caller'), what)
    return toJsonExplanation(await space.explainDigest(parseDigest(text)))
  }
  if (text === '') {
    const what = 'wanted ?name=, for example ?name=docker.io/library/node:20, or a digest'
    throw new RegistryError('NAME_INVALID', what)
  }
  const { name, reference } = parseImageName(text)
  const source = access.admit(c.get('caller'), mirror.resolve({ name }))
  return toJsonExplanation(await space.explainImage(source, reference))
}

/** No image is called so; what is too short is no tag of one either. */
function standsForDigest(text: string): boolean {
  return /^sha(?:256|512):/.test(text)
}

async function readPattern(c: RequestContext) {
  const fields = readObject(await readShort(c, maxBodyBytes), ['image', 'dryRun'])
  const text = readText(fields, 'image')
  const isDryRun = readFlag(fields, 'dryRun')
  const facts = c.get('facts')
  facts.subject = text
  if (isDryRun) facts.dryRun = true
  return { text, isDryRun }
}

/** What would pin nothing. Throws RegistryError NAME_INVALID or NAME_UNKNOWN. */
function refuseVain({ mirror }: Asked, text: string): void {
  if (standsForDigest(text)) {
    const what = `${text} alone names no image: wanted docker.io/library/node@${text}`
    throw new RegistryError('NAME_INVALID', what)
  }
  const [first = ''] = text.split('/')
  const isHost = text.includes('/') && looksLikeHost(first) && !/[*?[{(!]/.test(first)
  // Throws where it isn't configured.
  if (isHost) mirror.resolveUpstream({ ns: first })
}

function toJsonEviction({ victims, ...eviction }: WantedEviction) {
  const images = victims.slice(0, mostListed).map(toJsonVictim)
  return { images, count: victims.length, ...eviction }
}

function toJsonVictim({ source, digest, tags, lastPulledAt, freedBytes }: Victim) {
  const lastPull = toTime(lastPulledAt)
  return { name: formatSource(source), digest, tags, lastPull, freedBytes }
}

function toJsonExplanation({ eviction, ...explanation }: Explanation) {
  return {
    ...explanation,
    since: toTime(explanation.since),
    lastPulledAt: toTime(explanation.lastPulledAt),
    safeUntil: toTime(explanation.safeUntil),
    eviction: eviction && {
      at: toTime(eviction.at),
      reason: eviction.reason,
      name: formatSource(eviction.source),
      digest: eviction.digest,
      tags: eviction.tags,
      freedBytes: eviction.freedBytes,
      lastPull: toTime(eviction.lastPulledAt),
    },
  }
}
