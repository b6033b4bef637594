import type { IncomingHttpHeaders } from 'node:http'

/** Whether If-None-Match names this ETag (RFC 9110 §13.1.2, weak comparison). distribution takes it unquoted too. */
export function isNotModified(headers: IncomingHttpHeaders, etag: string): boolean {
  const wanted = headers['if-none-match']
  if (wanted === undefined) return false
  return wanted.split(',').some((entry) => {
    const tag = entry.trim().replace(/^W\//, '')
    return tag === '*' || tag === etag || `"${tag}"` === etag
  })
}

/** The Range header, unless If-Range says that it was meant for other content (RFC 9110 §13.1.5, strong comparison). */
export function applicableRange(headers: IncomingHttpHeaders, etag: string): string | undefined {
  const ifRange = headers['if-range']
  return ifRange === undefined || ifRange === etag ? headers.range : undefined
}
