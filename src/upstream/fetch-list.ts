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
  return { entries, next: readNext(response.header('link'), new URL(path, endpoint.baseUrl)) }
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

/** The next page's path; a Link to another host isn't followed, since credentials would go along. */
function readNext(link: string | undefined, from: URL): string | undefined {
  const [, target] = /<([^>]*)>\s*;[^,]*\brel="?next"?/i.exec(link ?? '') ?? []
  if (target === undefined || !URL.canParse(target, from)) return undefined
  const next = new URL(target, from)
  const isSameHost = next.hostname === from.hostname
  return isSameHost ? `${next.pathname}${next.search}` : undefined
}
