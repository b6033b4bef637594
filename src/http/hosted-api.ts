import type { Hono } from 'hono'
import type { Logger } from 'pino'
import type { Access } from '../access/access.ts'
import type {
  CopyAnswer,
  CopyPlan,
  RemoveAnswer,
  RemovePlan,
  TagAnswer,
} from '../answers/actions.ts'
import type { RetentionRule } from '../config/config.ts'
import type { AnyHosted } from '../hosted/any-hosted.ts'
import type { Pruned } from '../hosted/removals.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import { isDigest } from '../oci/digest.ts'
import { parseImageName } from '../oci/image-name.ts'
import { parseReference, type Reference } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import { formatSource, ownSource } from '../oci/source.ts'
import type { Environment, RequestContext } from './environment.ts'
import { readFlag, readObject, readRules, readShort, readText } from './read-json.ts'

type Asked = {
  readonly mirror: AnyMirror
  readonly hosted: AnyHosted
  readonly access: Access
  readonly logger: Logger
}

const maxBodyBytes = 64 * 1024
const mostNamed = 10

/** What is done to pushed images: `/remove`, `/tag`, `/prune` and `/copy`. */
export function addHosted(api: Hono<Environment>, asked: Asked): void {
  const post = (path: string, answer: (c: RequestContext, asked: Asked) => Promise<unknown>) => {
    api.post(path, async (c) => c.json(await answer(c, asked)))
  }
  post('/remove', remove)
  post('/tag', tag)
  post('/prune', prune)
  post('/copy', copy)
}

/** `{"image": "team/app:1"}`, or `{"repository": "team/app"}` for all that it has; `dryRun` only says what would go. */
async function remove(
  c: RequestContext,
  { mirror, hosted, access }: Asked,
): Promise<RemoveAnswer | RemovePlan> {
  const body = readObject(await readShort(c, maxBodyBytes), ['image', 'repository', 'dryRun'])
  const facts = c.get('facts')
  if (body.repository !== undefined) {
    const whole = findOwn(mirror, readText(body, 'repository'))
    facts.repository = whole
    access.require(c.get('caller'), 'delete', ownSource(whole))
    return noteDryRun(c, body)
      ? hosted.planRemoval(whole, undefined)
      : hosted.removeRepository(whole)
  }
  const { name, reference } = parseImageName(readText(body, 'image'))
  const repository = findOwn(mirror, name)
  Object.assign(facts, { repository, reference })
  access.require(c.get('caller'), 'delete', ownSource(repository))
  const removing: Promise<RemoveAnswer | RemovePlan> = noteDryRun(c, body)
    ? hosted.planRemoval(repository, reference)
    : hosted.removeVersion(repository, reference)
  return removing.catch((error: unknown) => {
    throw explainMissing(error, repository, reference)
  })
}

/** `{"image": "team/app:1", "tag": "stable"}`: one more tag, or one that moves. */
async function tag(c: RequestContext, { mirror, hosted, access }: Asked): Promise<TagAnswer> {
  const body = readObject(await readShort(c, maxBodyBytes), ['image', 'tag', 'dryRun'])
  const { name, reference } = parseImageName(readText(body, 'image'))
  const wanted = parseReference(readText(body, 'tag'))
  const repository = findOwn(mirror, name, 'tagged')
  const separator = isDigest(reference) ? '@' : ':'
  const outcome = `from ${repository}${separator}${reference}`
  Object.assign(c.get('facts'), { repository, reference: wanted, outcome })
  access.require(c.get('caller'), 'push', ownSource(repository))
  if (isDigest(wanted)) throw new RegistryError('MANIFEST_INVALID', `${wanted} is no tag`)
  const isDryRun = noteDryRun(c, body)
  const moving = hosted.tag(repository, { reference, tag: wanted, isDryRun })
  const moved = await moving.catch((error: unknown) => {
    throw explainMissing(error, repository, reference)
  })
  return { repository, tag: wanted, ...moved }
}

/** Once it is known that whoever asks may do it: what is denied is noted, dry run or not. */
function noteDryRun(c: RequestContext, body: Parameters<typeof readFlag>[0]): boolean {
  const isDryRun = readFlag(body, 'dryRun')
  if (isDryRun) c.get('facts').dryRun = true
  return isDryRun
}

function explainMissing(error: unknown, repository: Repository, reference: Reference): unknown {
  if (!(error instanceof RegistryError) || error.code !== 'MANIFEST_UNKNOWN') return error
  const image = `${repository}${isDigest(reference) ? '@' : ':'}${reference}`
  const what = `nothing was pushed as ${image}, or it is removed already: entrepot ls lists what there is`
  return new RegistryError('MANIFEST_UNKNOWN', what, { cause: error })
}

/** Without `rules`, by those of mirrors.yaml; says how many counted. What they leave is freed at once. */
async function prune(c: RequestContext, { hosted, access, logger }: Asked) {
  access.requireAdmin(c.get('caller'))
  const body = readObject(await readShort(c, maxBodyBytes), ['rules', 'dryRun'])
  const isDryRun = noteDryRun(c, body)
  const rules: readonly RetentionRule[] | undefined =
    body.rules === undefined ? undefined : readRules(body.rules)
  const facts = c.get('facts')
  facts.subject = rules?.flatMap((rule) => rule.repositories).join(', ') ?? 'hosted.retention'
  const removed = await hosted.prune(rules, { isDryRun })
  facts.outcome = describeRemoved(removed)
  const ruleCount = rules?.length ?? hosted.countRules()
  if (isDryRun) return { rules: ruleCount, removed }
  for (const { repository, tags, digest } of removed)
    logger.info({ repository, tags, digest }, `prune removed ${repository} ${tags.join(' ')}`)
  const freed = await hosted.free()
  if (freed.blobs > 0) logger.info(freed, 'prune freed what nobody needs any more')
  return { rules: ruleCount, removed, freed }
}

/** The first of them by name: the log has a line for each. */
function describeRemoved(removed: readonly Pruned[]): string {
  const count = removed.length === 1 ? '1 image' : `${removed.length} images`
  const names = removed.slice(0, mostNamed).map(({ repository, tags, digest }) => {
    return tags.length > 0 ? `${repository}:${tags[0]}` : `${repository}@${digest}`
  })
  return names.length === 0 ? count : `${count}: ${names.join(', ')}`
}

/** `{"from": "docker.io/library/node:20", "to": "node:20"}`, of which `to` may leave out the tag. */
async function copy(
  c: RequestContext,
  { mirror, hosted, access }: Asked,
): Promise<CopyAnswer | CopyPlan> {
  const caller = c.get('caller')
  const body = readObject(await readShort(c, maxBodyBytes), ['from', 'to', 'dryRun'])
  const from = parseImageName(readText(body, 'from'))
  const to = parseImageName(readText(body, 'to'))
  if (isDigest(to.reference))
    throw new RegistryError('MANIFEST_INVALID', 'an image is copied to a tag, and not to a digest')
  const repository = hosted.resolveOwn({ name: to.name })
  const outcome = `from ${readText(body, 'from')}`
  Object.assign(c.get('facts'), { repository, reference: to.reference, outcome })
  // Its layers are found by their digest alone, wherever they came from.
  access.requireAdmin(caller)
  access.require(caller, 'push', ownSource(repository))
  const wanted = {
    from: access.admit(caller, mirror.resolve({ name: from.name })),
    reference: from.reference,
    to: repository,
    tags: [to.reference],
  }
  return noteDryRun(c, body) ? hosted.planCopy(wanted) : hosted.copy(wanted)
}

/** Throws RegistryError DENIED for a name under which an upstream is asked. */
function findOwn(mirror: AnyMirror, name: string, done = 'removed'): Repository {
  const source = mirror.resolve({ name })
  if (source.own !== undefined) return source.own
  const what = `${formatSource(source)} is mirrored: only what was pushed here is ${done} by hand`
  throw new RegistryError('DENIED', what)
}
