import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import type { DocumentAnswer, ImageAnswer } from '../answers/image.ts'
import type { AnyCatalog, ImageOverview, RepositoryOverview } from '../catalog/any-catalog.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import { parseImageName } from '../oci/image-name.ts'
import type { Page } from '../oci/page.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import { ownSource, type Source } from '../oci/source.ts'
import type { AnySpace } from '../space/any-space.ts'
import type { Environment, RequestContext } from './environment.ts'
import { toJsonInspection, toTime } from './inspection-json.ts'
import { readVisible } from './visible-part.ts'

type Asked = {
  readonly mirror: AnyMirror
  readonly catalog: AnyCatalog
  readonly space: AnySpace
  readonly access: Access
}

const usualLimit = 100
const mostLimit = 1000

/** What is kept here, for whoever may pull it. Lists go on after `next`, where there is one. */
export function addCatalog(api: Hono<Environment>, asked: Asked): void {
  api.get('/repositories', (c) => listRepositories(c, asked))
  api.get('/images', (c) => listImages(c, asked))
  api.get('/image', async (c) => c.json(await inspect(c, asked)))
  api.get('/document', async (c) => c.json(await readDocument(c, asked)))
}

async function listRepositories(c: RequestContext, asked: Asked): Promise<Response> {
  const { catalog, access } = asked
  const caller = c.get('caller')
  const { entries, hasMore } = await readVisible(readPage(c), {
    read: (page) => catalog.listRepositories(page),
    isVisible: ({ source }) => access.may(caller, 'pull', source),
    keyOf: ({ name }) => name,
    most: mostLimit,
  })
  const next = hasMore ? entries.at(-1)?.name : undefined
  return c.json({ repositories: entries.map(toJsonRepository), next })
}

async function listImages(c: RequestContext, asked: Asked): Promise<Response> {
  const { catalog, space } = asked
  const page = readPage(c)
  const source = resolve(c, asked, readQuery(c, 'repository', 'team/app'))
  const { name, isHosted, entries, hasMore } = await catalog.listImages(source, page)
  c.get('facts').repository = name
  const next = hasMore ? entries.at(-1)?.tag : undefined
  // What was pushed is never evicted, pinned or not.
  const pinned = isHosted ? [] : await space.arePinned(source, entries)
  const images = entries.map((image, index) => toJsonImage(image, pinned[index]))
  return c.json({ repository: name, hosted: isHosted, images, next })
}

/** `?name=team/app:1`, and of an index `&platform=linux/arm64`, or a digest that it lists. */
async function inspect(c: RequestContext, asked: Asked): Promise<ImageAnswer> {
  const { catalog, space, access } = asked
  const { name, reference } = parseImageName(readQuery(c, 'name', 'team/app:1'))
  const source = resolve(c, asked, name)
  const inspection = await catalog.inspect(source, reference, readPlatform(c))
  Object.assign(c.get('facts'), { repository: inspection.name, reference })
  // What was pushed is never evicted, pinned or not.
  const why = inspection.isHosted ? undefined : await space.explainImage(source, inspection.digest)
  const caller = c.get('caller')
  const answer = toJsonInspection(inspection, (other) => access.may(caller, 'pull', other))
  const own = inspection.isHosted ? source.own : undefined
  const mayOwn = (action: 'push' | 'delete') =>
    own !== undefined && access.may(caller, action, ownSource(own))
  const admin = access.decideEverything(caller, 'admin').isAllowed
  const may = { push: mayOwn('push'), delete: mayOwn('delete'), admin }
  return { ...answer, pinnedBy: why?.pinnedBy, may }
}

/** `?name=team/app:1`, with `&of=config` its config; never asks an upstream, and is no pull. */
async function readDocument(c: RequestContext, asked: Asked): Promise<DocumentAnswer> {
  const { name, reference } = parseImageName(readQuery(c, 'name', 'team/app:1'))
  const of = c.req.query('of') ?? 'manifest'
  if (of !== 'manifest' && of !== 'config') {
    const what = `of=${quote(of, 20)}: wanted manifest or config`
    throw new RegistryError('MANIFEST_INVALID', what)
  }
  const wanted = { reference, isConfig: of === 'config', platform: readPlatform(c) }
  const { bytes, ...document } = await asked.catalog.readDocument(resolve(c, asked, name), wanted)
  Object.assign(c.get('facts'), { repository: document.name, reference })
  return { ...document, text: Buffer.from(bytes).toString() }
}

function readPlatform(c: RequestContext): string | undefined {
  return c.req.query('platform') || undefined
}

function resolve(c: RequestContext, { mirror, access }: Asked, name: string): Source {
  return access.admit(c.get('caller'), mirror.resolve({ name }))
}

function toJsonRepository({ name, isHosted, ...repository }: RepositoryOverview) {
  return {
    name,
    hosted: isHosted,
    tags: repository.tagCount,
    size: repository.sizeBytes,
    lastPull: toTime(repository.lastPulledAt),
  }
}

function toJsonImage(
  { tag, digest, mediaType, description, ...image }: ImageOverview,
  pinned: boolean | undefined,
) {
  return {
    tag,
    digest,
    mediaType,
    created: toTime(image.createdAt),
    size: image.sizeBytes,
    lastPull: toTime(image.lastPulledAt),
    pinned,
    description,
  }
}

function readQuery(c: RequestContext, name: string, example: string): string {
  const text = c.req.query(name)
  if (text) return text
  throw new RegistryError('NAME_INVALID', `wanted ?${name}=, for example ?${name}=${example}`)
}

function readPage(c: RequestContext): Page {
  const after = c.req.query('after')
  const text = c.req.query('limit') ?? String(usualLimit)
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= mostLimit) return { after, limit }
  const what = `limit=${quote(text, 20)} is no number of entries: wanted 1 to ${mostLimit}`
  throw new RegistryError('PAGINATION_NUMBER_INVALID', what)
}
