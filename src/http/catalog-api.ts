import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import { type ImageAnswer, type ImagesAnswer, imageOrders } from '../answers/images.ts'
import type { AnyCatalog, ImageOverview, ImageQuery } from '../catalog/any-catalog.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import { parseImageName } from '../oci/image-name.ts'
import type { Source } from '../oci/source.ts'
import type { AnySpace } from '../space/any-space.ts'
import type { Environment, RequestContext } from './environment.ts'
import { toJsonInspection, toTime } from './inspection-json.ts'
import { readNumber, readQuery, readSearch, readSort } from './list-query.ts'
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
    return describeRepository(c, asked.catalog, source)
  })
  api.get('/images', (c) => listImages(c, asked))
  api.get('/image', (c) => inspect(c, asked))
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

async function inspect(c: RequestContext, asked: Asked): Promise<Response> {
  const { name, reference } = parseImageName(readQuery(c, 'name', 'team/app:1'))
  const inspection = await asked.catalog.inspect(resolve(c, asked, name), reference)
  Object.assign(c.get('facts'), { repository: inspection.name, reference })
  return c.json(toJsonInspection(inspection))
}

function resolve(c: RequestContext, { mirror, access }: Asked, name: string): Source {
  return access.admit(c.get('caller'), mirror.resolve({ name }))
}

function toJsonImage(
  { createdAt, lastPulledAt, storedAt, checkedAt, ...image }: ImageOverview,
  pinned: boolean | undefined,
): ImageAnswer {
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
