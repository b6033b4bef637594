import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { Digest } from '../oci/digest.ts'
import { ociIndex } from '../oci/media-type.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { answerHeaders } from './content-headers.ts'
import type { RequestContext, RequestUrl } from './environment.ts'
import { dockerApiVersion, entrepotCache, ociFiltersApplied } from './header-names.ts'
import { cutPage, linkHeader } from './paging.ts'
import { send } from './send.ts'

const catalogPageSize = 1000

/** distribution-spec §Listing Tags. `name` is what the client asked for, with its prefix. */
export async function listTags(
  c: RequestContext,
  mirror: AnyMirror,
  { source, name, url }: { source: Source; name: string; url: RequestUrl },
): Promise<Response> {
  const { entries, cache, warning } = await mirror.listTags(source)
  const page = cutPage(entries, url)
  return json(
    c,
    { name, tags: page.entries },
    {
      ...answerHeaders({ source, cache, warning }),
      ...linkHeader(page.next),
    },
  )
}

/** distribution-spec §Listing Referrers: an index, filtered by us whether or not upstream can. */
export async function listReferrers(
  c: RequestContext,
  mirror: AnyMirror,
  { source, digest, url }: { source: Source; digest: Digest; url: RequestUrl },
): Promise<Response> {
  const { entries, cache, warning } = await mirror.listReferrers(source, digest)
  const artifactType = url.query.get('artifactType')
  const manifests = artifactType ? entries.filter((e) => hasArtifactType(e, artifactType)) : entries
  return json(
    c,
    { schemaVersion: 2, mediaType: ociIndex, manifests },
    {
      ...answerHeaders({ source, cache, warning }),
      'Content-Type': ociIndex,
      ...(artifactType ? { [ociFiltersApplied]: 'artifactType' } : {}),
    },
  )
}

function hasArtifactType(entry: unknown, artifactType: string): boolean {
  return (entry as { artifactType?: unknown } | null)?.artifactType === artifactType
}

/** Repositories of which something is kept; of one upstream, without its name, where the request names one. */
export async function listRepositories(
  c: RequestContext,
  mirror: AnyMirror,
  { upstream, url }: { upstream: UpstreamName | undefined; url: RequestUrl },
): Promise<Response> {
  const sources = await mirror.listRepositories()
  const names = upstream
    ? sources.filter((source) => source.upstream === upstream).map((source) => source.repository)
    : sources.map(formatSource)
  const page = cutPage([...names].sort(), url, catalogPageSize)
  return json(
    c,
    { repositories: page.entries },
    {
      [dockerApiVersion]: 'registry/2.0',
      [entrepotCache]: 'hit',
      ...linkHeader(page.next),
    },
  )
}

function json(c: RequestContext, value: unknown, headers: Record<string, string>): Response {
  c.get('facts').cache = headers[entrepotCache] ?? 'hit'
  const all = { 'Content-Type': 'application/json', ...headers }
  return send(c, { status: 200, headers: all, body: JSON.stringify(value) })
}
