import type { Access } from '../access/access.ts'
import {
  type RepositoriesAnswer,
  type RepositoryAnswer,
  type RepositoryDetailAnswer,
  repositoryOrders,
} from '../answers/repositories.ts'
import type { AnyCatalog, RepositoryOverview, RepositoryQuery } from '../catalog/any-catalog.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import type { Source } from '../oci/source.ts'
import { readUpstreamName } from '../oci/upstream-name.ts'
import type { RequestContext } from './environment.ts'
import { toTime } from './inspection-json.ts'
import { readNumber, readSearch, readSort } from './list-query.ts'
import { tellMay } from './may-do.ts'

export const usualLimit = 100
export const mostLimit = 1000
export const mostOffset = 1_000_000
const mostDays = 3650
const dayMs = 86_400_000

export async function listRepositories(c: RequestContext, catalog: AnyCatalog): Promise<Response> {
  const query = readRepositoryQuery(c)
  const { entries, hasMore, total, isCut, isMeasured } = await catalog.listRepositories(
    query,
    c.get('caller'),
  )
  const isByName = query.order === 'name' && !query.isDescending
  const answer: RepositoriesAnswer = {
    repositories: entries.map(toJsonRepository),
    total,
    next: hasMore && isByName ? entries.at(-1)?.name : undefined,
    cut: isCut || undefined,
    measuring: isMeasured ? undefined : true,
  }
  return c.json(answer)
}

/** Of a source that the caller may pull. */
export async function describeRepository(
  c: RequestContext,
  { catalog, access }: { readonly catalog: AnyCatalog; readonly access: Access },
  source: Source,
): Promise<Response> {
  const { pullsByDay, ...repository } = await catalog.describeRepository(source)
  c.get('facts').repository = repository.name
  const may = tellMay(access, c.get('caller'), { source, isHosted: repository.isHosted })
  const answer: RepositoryDetailAnswer = { ...toJsonRepository(repository), pullsByDay, may }
  return c.json(answer)
}

function readRepositoryQuery(c: RequestContext): RepositoryQuery {
  const days = readNumber(c, 'idle', { usual: undefined, least: 1, most: mostDays })
  return {
    mayLackSizes: c.req.query('sizes') === 'later',
    search: readSearch(c),
    ...(readSort(c, repositoryOrders) ?? { order: 'name', isDescending: false }),
    source: readSource(c),
    idleMs: days === undefined ? undefined : days * dayMs,
    largerThan: readNumber(c, 'larger', {
      usual: undefined,
      least: 0,
      most: Number.MAX_SAFE_INTEGER,
    }),
    offset: readNumber(c, 'offset', { usual: 0, least: 0, most: mostOffset }),
    after: c.req.query('after'),
    limit: readNumber(c, 'limit', { usual: usualLimit, least: 1, most: mostLimit }),
  }
}

function readSource(c: RequestContext): RepositoryQuery['source'] {
  const text = c.req.query('source') ?? 'all'
  if (text === 'all' || text === 'hosted') return text
  const upstream = readUpstreamName(text)
  if (upstream !== undefined) return upstream
  const what = `source=${quote(text)} is no source: wanted all, hosted, or an upstream such as docker.io`
  throw new RegistryError('UNSUPPORTED', what, { status: 400 })
}

function toJsonRepository({
  name,
  isHosted,
  pulls,
  ...repository
}: RepositoryOverview): RepositoryAnswer {
  return {
    name,
    hosted: isHosted,
    tags: repository.tagCount,
    size: repository.sizeBytes,
    ownSize: repository.ownBytes,
    pulls,
    lastPull: toTime(repository.lastPulledAt),
    newest: toTime(repository.newestAt),
  }
}
