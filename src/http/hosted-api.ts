import type { Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { RetentionRule } from '../config/config.ts'
import type { AnyHosted } from '../hosted/any-hosted.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import { isDigest } from '../oci/digest.ts'
import { parseImageName } from '../oci/image-name.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import { formatSource } from '../oci/source.ts'
import type { Environment } from './environment.ts'
import { isFromThisMachine } from './own-machine.ts'
import { readObject, readRules, readText } from './read-json.ts'

type Asked = { readonly mirror: AnyMirror; readonly hosted: AnyHosted }
type RequestContext = Context<Environment>

const maxBodyBytes = 64 * 1024

/** What is done to pushed images by who operates the server: `/remove`, `/prune` and `/copy`. */
export function addHosted(api: Hono<Environment>, asked: Asked): void {
  const post = (path: string, answer: (c: RequestContext, asked: Asked) => Promise<unknown>) => {
    api.post(path, bodyLimit({ maxSize: maxBodyBytes }), async (c) => {
      requireThisMachine(c)
      return c.json(await answer(c, asked))
    })
  }
  post('/remove', remove)
  post('/prune', prune)
  post('/copy', copy)
}

/** `{"image": "team/app:1"}`, or `{"repository": "team/app"}` for all that it has. */
async function remove(c: RequestContext, { mirror, hosted }: Asked) {
  const body = await readObject(c)
  if (body.repository !== undefined)
    return hosted.removeRepository(findOwn(mirror, readText(body, 'repository')))
  const { name, reference } = parseImageName(readText(body, 'image'))
  const repository = findOwn(mirror, name)
  return hosted.removeVersion(repository, reference).catch((error: unknown) => {
    if (!(error instanceof RegistryError) || error.code !== 'MANIFEST_UNKNOWN') throw error
    const image = `${repository}${isDigest(reference) ? '@' : ':'}${reference}`
    const what = `nothing was pushed as ${image}, or it is removed already: entrepot ls lists what there is`
    throw new RegistryError('MANIFEST_UNKNOWN', what, { cause: error })
  })
}

/** Without `rules`, by those of mirrors.yaml; says how many counted. What they leave is freed at once. */
async function prune(c: RequestContext, { hosted }: Asked) {
  const body = await readObject(c)
  const isDryRun = body.dryRun === true
  const rules: readonly RetentionRule[] | undefined =
    body.rules === undefined ? undefined : readRules(body.rules)
  const removed = await hosted.prune(rules, { isDryRun })
  const ruleCount = rules?.length ?? hosted.countRules()
  return { rules: ruleCount, removed, ...(!isDryRun && { freed: await hosted.free() }) }
}

/** `{"from": "docker.io/library/node:20", "to": "node:20"}`, of which `to` may leave out the tag. */
async function copy(c: RequestContext, { mirror, hosted }: Asked) {
  const body = await readObject(c)
  const from = parseImageName(readText(body, 'from'))
  const to = parseImageName(readText(body, 'to'))
  if (isDigest(to.reference))
    throw new RegistryError('MANIFEST_INVALID', 'an image is copied to a tag, and not to a digest')
  return hosted.copy({
    from: mirror.resolve({ name: from.name }),
    reference: from.reference,
    to: hosted.resolveName({ name: to.name }),
    tags: [to.reference],
  })
}

/** Throws RegistryError DENIED for a name under which an upstream is asked. */
function findOwn(mirror: AnyMirror, name: string): Repository {
  const source = mirror.resolve({ name })
  if (source.own !== undefined) return source.own
  const what = `${formatSource(source)} is mirrored: only what was pushed here is removed by hand`
  throw new RegistryError('DENIED', what)
}

function requireThisMachine(c: RequestContext): void {
  if (isFromThisMachine(c.env.incoming)) return
  const what =
    'only from the machine that the server runs on, by its address or as localhost, and not through a proxy'
  throw new RegistryError('DENIED', what)
}
