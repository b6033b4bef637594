import type { Readable } from 'node:stream'
import LinkHeader from 'http-link-header'
import { exceeds } from '../oci/json-size.ts'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { describeFailure } from './describe-failure.ts'
import type { RegistryEndpoint } from './registry-endpoint.ts'
import { BodyTooLargeError, readBody } from './response-body.ts'
import { UpstreamError } from './upstream-error.ts'

type ListRequest = {
  readonly repository: Repository
  /** With its query. */
  readonly path: string
  readonly accept: string
  /** The array in the answer that holds the entries. */
  readonly field: string
}

const listDeadlineMs = 120_000
/** Of all pages together: gcr.io puts every manifest's details beside the tags. */
const maxListBytes = 32 * 1024 * 1024
const maxPages = 1000
const maxEntries = 100_000
/** What is deeper could be read, and not be written again. */
const most = { depth: 100, count: Number.POSITIVE_INFINITY, parts: Number.POSITIVE_INFINITY }

/** Fetches a list page by page, following Link (RFC 8288) within the registry, up to 100,000 entries and 32 MiB. */
export async function fetchList(
  upstream: UpstreamName,
  endpoint: RegistryEndpoint,
  request: ListRequest,
): Promise<readonly unknown[]> {
  const entries: unknown[] = []
  const signal = AbortSignal.timeout(listDeadlineMs)
  let leftBytes = maxListBytes
  const seen = new Set<string>()
  let path: string | undefined = request.path
  while (path !== undefined) {
    if (seen.has(path) || seen.size === maxPages || entries.length > maxEntries) {
      throw new UpstreamError(upstream, 'invalid', `sent a list without end`)
    }
    seen.add(path)
    const page = await fetchPage(upstream, endpoint, { ...request, path, signal, leftBytes })
    for (const entry of page.entries) entries.push(entry)
    leftBytes -= page.sizeBytes
    path = page.next
  }
  return entries
}

type PageRequest = ListRequest & { readonly signal: AbortSignal; readonly leftBytes: number }

type Page = {
  readonly entries: readonly unknown[]
  readonly sizeBytes: number
  readonly next: string | undefined
}

async function fetchPage(
  upstream: UpstreamName,
  endpoint: RegistryEndpoint,
  { repository, path, accept, field, signal, leftBytes }: PageRequest,
): Promise<Page> {
  const headers = { accept }
  const response = await endpoint.request({ method: 'GET', path, repository, headers, signal })
  const bytes = await readPage(upstream, response.body, leftBytes)
  const isReadable = !exceeds(bytes, most)
  const entries = isReadable ? readEntries(bytes.toString('utf8'), field) : undefined
  if (!entries) {
    throw new UpstreamError(upstream, 'invalid', `sent something that is no list of ${field}`)
  }
  const from = new URL(endpoint.baseUrl.origin + path)
  const next = readNext(upstream, response.header('link'), from)
  return { entries, sizeBytes: bytes.length, next }
}

async function readPage(upstream: UpstreamName, body: Readable, maxBytes: number): Promise<Buffer> {
  try {
    return await readBody(body, maxBytes)
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw describeFailure(upstream, error)
    const what = `sent a list of more than ${maxListBytes} bytes, the most that is read`
    throw new UpstreamError(upstream, 'invalid', what, { cause: error })
  }
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
