import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import type { DocumentAnswer, ImageAnswer } from '../answers/image.ts'
import {
  type ImagesAnswer,
  imageOrders,
  type ImageAnswer as ListedImageAnswer,
} from '../answers/images.ts'
import type { AnyCatalog, ImageOverview, ImageQuery } from '../catalog/any-catalog.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import { parseImageName } from '../oci/image-name.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import type { Source } from '../oci/source.ts'
import type { AnySpace } from '../space/any-space.ts'
import type { Environment, RequestContext } from './environment.ts'
import { toJsonInspection, toTime } from './inspection-json.ts'
import { readNumber, readQuery, readSearch, readSort } from './list-query.ts'
import { tellMay } from './may-do.ts'
import {
  describeRepository,
  listRepositories,
  mostLimit,
  mostOffset,
  usualLimit,
} from './repositories-api.ts'

type Asked = {
  readonly mirror: AnyMirror
  readonly catalog: AnyCatalog
  readonly space: AnySpace
  readonly access: Access
}

/** What is kept here, for whoever may pull it. Lists go on after `next`, where there is one. */
export function addCatalog(api: Hono<Environment>, asked: Asked): void {
  api.get('/repositories', (c) => listRepositories(c, asked.catalog))
  api.get('/repository', (c) => {
    const source = resolve(c, asked, readQuery(c, 'name', 'team/app'))
    return describeRepository(c, asked, source)
  })
  api.get('/images', (c) => listImages(c, asked))
  api.get('/image', async (c) => c.json(await inspect(c, asked)))
  api.get('/document', async (c) => c.json(await readDocument(c, asked)))
}

async function listImages(c: RequestContext, asked: Asked): Promise<Response> {
  const { catalog, space } = asked
  const query = readImageQuery(c)
  const source = resolve(c, asked, readQuery(c, 'repository', 'team/app'))
  const { name, isHosted, entries, hasMore, total } = await catalog.listImages(source, query)
  c.get('facts').repository = name
  // What was pushed is never evicted, pinned or not.
  const pinned = isHosted ? [] : await space.arePinned(source, entries)
  const answer: ImagesAnswer = {
    repository: name,
    hosted: isHosted,
    images: entries.map((image, index) => toJsonImage(image, pinned[index])),
    total,
    next: hasMore && query.after !== undefined ? entries.at(-1)?.tag : undefined,
  }
  return c.json(answer)
}

function readImageQuery(c: RequestContext): ImageQuery {
  const sort = readSort(c, imageOrders)
  return {
    search: readSearch(c),
    ...(sort ?? { order: 'tag', isDescending: false }),
    after: sort ? undefined : (c.req.query('after') ?? ''),
    offset: readNumber(c, 'offset', { usual: 0, least: 0, most: mostOffset }),
    limit: readNumber(c, 'limit', { usual: usualLimit, least: 1, most: mostLimit }),
  }
}

/** `?name=team/app:1`, and of an index `&platform=linux/arm64`, or a digest that it lists. */
async function inspect(c: RequestContext, asked: Asked): Promise<ImageAnswer> {
  const { catalog, space, access } = asked
  const { name, reference } = parseImageName(readQuery(c, 'name', 'team/app:1'))
  const source = resolve(c, asked, name)
  const inspection = await catalog.inspect(source, reference, readPlatform(c))
  Object.assign(c.get('facts'), { repository: inspection.name, reference })
  // What was pushed is never evicted, pinned or not.
  const pinnedBy = inspection.isHosted ? undefined : await space.findPin(source, inspection.digest)
  const caller = c.get('caller')
  const answer = toJsonInspection(inspection, (other) => access.may(caller, 'pull', other))
  const may = tellMay(access, caller, { source, isHosted: inspection.isHosted })
  return { ...answer, pinnedBy, may }
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

function toJsonImage(
  { createdAt, lastPulledAt, storedAt, checkedAt, ...image }: ImageOverview,
  pinned: boolean | undefined,
): ListedImageAnswer {
  const { sizeBytes: size, ownBytes: ownSize, sharedBytes: sharedSize, ...plain } = image
  return {
    ...plain,
    created: toTime(createdAt),
    size,
    ownSize,
    sharedSize,
    stored: toTime(storedAt),
    lastPull: toTime(lastPulledAt),
    pulls: image.pullsByDay.reduce((sum, pulls) => sum + pulls, 0),
    checked: toTime(checkedAt),
    pinned,
  }
}
