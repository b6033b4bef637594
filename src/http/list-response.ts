import type { Access } from '../access/access.ts'
import type { Caller } from '../access/caller.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { Digest } from '../oci/digest.ts'
import { ociIndex } from '../oci/media-type.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { answerHeaders } from './content-headers.ts'
import type { RequestContext, RequestUrl } from './environment.ts'
import { dockerApiVersion, entrepotCache, ociFiltersApplied } from './header-names.ts'
import { linkHeader, readPage } from './paging.ts'
import { send } from './send.ts'
import { readVisible } from './visible-part.ts'

const catalogPageSize = 1000

/** distribution-spec §Listing Tags. `name` is what the client asked for, with its prefix. */
export async function listTags(
  c: RequestContext,
  mirror: AnyMirror,
  { source, name, url }: { source: Source; name: string; url: RequestUrl },
): Promise<Response> {
  const page = readPage(url)
  const { cache, warning, ...part } = await mirror.listTags(source, page)
  const headers = {
    ...answerHeaders({ source, cache, warning }),
    ...linkHeader(url, page, part),
  }
  return json(c, { name, tags: part.entries }, headers)
}

/** distribution-spec §Listing Referrers: an index, filtered by us whether or not upstream can. */
export async function listReferrers(
  c: RequestContext,
  mirror: AnyMirror,
  { source, digest, url }: { source: Source; digest: Digest; url: RequestUrl },
): Promise<Response> {
  const page = readPage(url)
  const artifactType = url.query.get('artifactType') || undefined
  const listing = await mirror.listReferrers(source, digest, { ...page, artifactType })
  const { entries, hasMore, cache, warning } = listing
  const headers = {
    ...answerHeaders({ source, cache, warning }),
    'Content-Type': ociIndex,
    ...(artifactType !== undefined && { [ociFiltersApplied]: 'artifactType' }),
    ...linkHeader(url, page, { entries: entries.slice(-1).map(digestOf), hasMore }),
  }
  return json(c, { schemaVersion: 2, mediaType: ociIndex, manifests: entries }, headers)
}

/** Only lists that we page by ourselves go on, and their entries have one. */
function digestOf(entry: unknown): string {
  return String((entry as { digest?: unknown } | null)?.digest)
}

type CatalogRequest = {
  readonly upstream: UpstreamName | undefined
  readonly url: RequestUrl
  readonly caller: Caller
}

/** Repositories of which something is kept that whoever asks may pull; of one upstream, without its name, where the request names one. */
export async function listRepositories(
  c: RequestContext,
  { mirror, access }: { mirror: AnyMirror; access: Access },
  { upstream, url, caller }: CatalogRequest,
): Promise<Response> {
  // Rather than an empty list, which nobody would take for a question.
  if (caller.kind === 'anonymous' && caller.canLogIn) access.requireReader(caller)
  const page = readPage(url, catalogPageSize)
  const nameOf = upstream ? ({ repository }: Source) => repository : formatSource
  const { entries, hasMore } = await readVisible(page, {
    read: (wanted) => mirror.listRepositories({ ...wanted, upstream }),
    isVisible: (source) => access.may(caller, 'pull', source),
    keyOf: nameOf,
    most: catalogPageSize,
  })
  const repositories = entries.map(nameOf)
  const headers = {
    [dockerApiVersion]: 'registry/2.0',
    [entrepotCache]: 'hit',
    ...linkHeader(url, page, { entries: repositories, hasMore }),
  }
  return json(c, { repositories }, headers)
}

function json(c: RequestContext, value: unknown, headers: Record<string, string>): Response {
  c.get('facts').cache = headers[entrepotCache] ?? 'hit'
  const all = { 'Content-Type': 'application/json', ...headers }
  return send(c, { status: 200, headers: all, body: JSON.stringify(value) })
}
