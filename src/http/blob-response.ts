import { randomUUID } from 'node:crypto'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { BlobPull } from '../mirror/blobs.ts'
import type { Mirror } from '../mirror/mirror.ts'
import { type ByteRange, formatContentRange, parseRange, rangeLength } from '../oci/byte-range.ts'
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Source } from '../oci/source.ts'
import { applicableRange, isNotModified } from './conditional.ts'
import { contentHeaders, etagOf, immutable } from './content-headers.ts'
import type { RequestContext } from './environment.ts'
import { errorResponse } from './error-response.ts'
import { send } from './send.ts'
import { sendParts } from './send-parts.ts'

type Wanted = { readonly source: Source; readonly digest: Digest }

const blobType = 'application/octet-stream'

/** distribution-spec §Pulling blobs, whole or in ranges (RFC 9110 §14). */
export async function pullBlob(
  c: RequestContext,
  mirror: Mirror,
  wanted: Wanted,
): Promise<Response> {
  if (c.req.method === 'HEAD') return headBlob(c, mirror, wanted)
  const pull = await mirror.pullBlob(wanted.source, wanted.digest)
  try {
    return await answer(c, pull, wanted)
  } finally {
    await pull.close()
  }
}

async function headBlob(c: RequestContext, mirror: Mirror, wanted: Wanted): Promise<Response> {
  const { sizeBytes, cache } = await mirror.headBlob(wanted.source, wanted.digest)
  c.get('facts').cache = cache
  const headers = blobHeaders(wanted, cache)
  if (isNotModified(c.env.incoming.headers, etagOf(wanted.digest))) {
    return send(c, { status: 304, headers })
  }
  const length = sizeBytes === undefined ? {} : { 'Content-Length': String(sizeBytes) }
  return send(c, { status: 200, headers: { ...headers, 'Content-Type': blobType, ...length } })
}

async function answer(c: RequestContext, pull: BlobPull, wanted: Wanted): Promise<Response> {
  const requestHeaders = c.env.incoming.headers
  const etag = etagOf(wanted.digest)
  c.get('facts').cache = pull.cache
  const headers = blobHeaders(wanted, pull.cache)
  if (isNotModified(requestHeaders, etag)) return send(c, { status: 304, headers })
  const { sizeBytes } = pull
  const request = parseRange(applicableRange(requestHeaders, etag), sizeBytes)
  if (request.kind === 'unsatisfiable') {
    const what = `the blob has ${sizeBytes} bytes; the Range header asks for none of them`
    const error = new RegistryError('RANGE_INVALID', what)
    return errorResponse(c, error, { 'Content-Range': `bytes */${sizeBytes}` })
  }
  if (request.kind === 'whole') return sendWhole(c, pull, headers)
  const [first, ...others] = request.ranges
  if (first && others.length === 0) return sendRange(c, pull, { headers, range: first })
  return sendRanges(c, pull, { headers, ranges: request.ranges })
}

async function sendWhole(c: RequestContext, pull: BlobPull, headers: Record<string, string>) {
  const range = { start: 0, end: pull.sizeBytes - 1 }
  return sendBlob(c, pull, { status: 200, headers, length: pull.sizeBytes, parts: [{ range }] })
}

async function sendRange(
  c: RequestContext,
  pull: BlobPull,
  { headers, range }: { headers: Record<string, string>; range: ByteRange },
) {
  const contentRange = formatContentRange(range, pull.sizeBytes)
  return sendBlob(c, pull, {
    status: 206,
    headers: { ...headers, 'Content-Range': contentRange },
    length: rangeLength(range),
    parts: [{ range }],
  })
}

/** RFC 9110 §15.3.7.2. One part for several ranges would break containers/image, so it's always all. */
async function sendRanges(
  c: RequestContext,
  pull: BlobPull,
  { headers, ranges }: { headers: Record<string, string>; ranges: readonly ByteRange[] },
) {
  const boundary = randomUUID()
  const parts = ranges.map((range) => ({
    range,
    preamble: `\r\n--${boundary}\r\nContent-Type: ${blobType}\r\nContent-Range: ${formatContentRange(range, pull.sizeBytes)}\r\n\r\n`,
  }))
  const closing = `\r\n--${boundary}--\r\n`
  const length = parts.reduce(
    (sum, part) => sum + part.preamble.length + rangeLength(part.range),
    closing.length,
  )
  const type = `multipart/byteranges; boundary=${boundary}`
  const all = { ...headers, 'Content-Type': type }
  return sendBlob(c, pull, { status: 206, headers: all, length, parts, closing })
}

async function sendBlob(
  c: RequestContext,
  pull: BlobPull,
  answer: Omit<Parameters<typeof sendParts>[2], 'facts'> & {
    status: number
    headers: Record<string, string>
    length: number
  },
): Promise<Response> {
  c.env.outgoing.writeHead(answer.status, {
    'Content-Type': blobType,
    ...answer.headers,
    'Content-Length': String(answer.length),
  })
  await sendParts(c.env.outgoing, pull, { ...answer, facts: c.get('facts') })
  return RESPONSE_ALREADY_SENT
}

function blobHeaders({ source, digest }: Wanted, cache: string): Record<string, string> {
  return {
    ...contentHeaders({ source, digest, cache }),
    'Cache-Control': immutable,
    'Accept-Ranges': 'bytes',
  }
}
