import LinkHeader from 'http-link-header'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { describeFailure } from './describe-failure.ts'
import type { RegistryEndpoint } from './registry-endpoint.ts'
import { readBody } from './response-body.ts'
import { UpstreamError } from './upstream-error.ts'

type ListRequest = {
  readonly repository: Repository
  /** With its query. */
  readonly path: string
  readonly accept: string
  /** The array in the answer that holds the entries. */
  readonly field: string
}

const pageDeadlineMs = 60_000
const maxPageBytes = 4 * 1024 * 1024
const maxPages = 1000
const maxEntries = 200_000

/** Fetches a list page by page, following Link (RFC 8288) within the registry, up to 200,000 entries. */
export async function fetchList(
  upstream: UpstreamName,
  endpoint: RegistryEndpoint,
  request: ListRequest,
): Promise<readonly unknown[]> {
  const entries: unknown[] = []
  const seen = new Set<string>()
  let path: string | undefined = request.path
  while (path !== undefined) {
    if (seen.has(path) || seen.size === maxPages || entries.length > maxEntries) {
      throw new UpstreamError(upstream, 'invalid', `sent a list without end`)
    }
    seen.add(path)
    const page = await fetchPage(upstream, endpoint, { ...request, path })
    for (const entry of page.entries) entries.push(entry)
    path = page.next
  }
  return entries
}

async function fetchPage(
  upstream: UpstreamName,
  endpoint: RegistryEndpoint,
  { repository, path, accept, field }: ListRequest,
): Promise<{ entries: readonly unknown[]; next: string | undefined }> {
  const response = await endpoint.request({
    method: 'GET',
    path,
    repository,
    headers: { accept },
    signal: AbortSignal.timeout(pageDeadlineMs),
  })
  let text: string
  try {
    text = (await readBody(response.body, maxPageBytes)).toString('utf8')
  } catch (error) {
    throw describeFailure(upstream, error)
  }
  const entries = readEntries(text, field)
  if (!entries) {
    throw new UpstreamError(upstream, 'invalid', `sent something that is no list of ${field}`)
  }
  const from = new URL(endpoint.baseUrl.origin + path)
  return { entries, next: readNext(upstream, response.header('link'), from) }
}

/** A registry may say `null` for an empty list. */
function readEntries(text: string, field: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !(field in value)) return undefined
    const entries = (value as Record<string, unknown>)[field] ?? []
    return Array.isArray(entries) ? entries : undefined
  } catch {
    return undefined
  }
}

/**
 * The next page's path, within the registry: a Link to elsewhere isn't followed, since
 * credentials would go along. Throws UpstreamError for a Link that can't be read: without its next
 * page a list would be taken for whole.
 */
function readNext(upstream: UpstreamName, link: string | undefined, from: URL): string | undefined {
  const target = findNext(upstream, link)
  if (target === undefined) return undefined
  const next = URL.canParse(target, from) ? new URL(target, from) : undefined
  // Behind a proxy a registry may not know its own scheme and port: the path is what counts.
  if (next?.hostname === from.hostname) return `${next.pathname}${next.search}`
  throw new UpstreamError(upstream, 'invalid', 'continues a list on another host')
}

function findNext(upstream: UpstreamName, link: string | undefined): string | undefined {
  if (!link) return undefined
  try {
    return LinkHeader.parse(link).rel('next')[0]?.uri
  } catch (cause) {
    throw new UpstreamError(upstream, 'invalid', "sent a Link that can't be read", { cause })
  }
}
