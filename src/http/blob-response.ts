import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { BlobPull } from '../mirror/blob-pull.ts'
import type { Lease } from '../mirror/lease.ts'
import { parseRange } from '../oci/byte-range.ts'
import { type Digest, digestAlgorithm, digestOf } from '../oci/digest.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Source } from '../oci/source.ts'
import { rangeContent, wholeContent } from './blob-content.ts'
import { applicableRange, isNotModified } from './conditional.ts'
import { contentHeaders, etagOf, immutable } from './content-headers.ts'
import type { Asked, RequestContext } from './environment.ts'
import { errorResponse } from './error-response.ts'
import { type KeepHot, maxHotBytes } from './hot-answers.ts'
import { readWhole } from './read-whole.ts'
import { send } from './send.ts'
import { sendBlob } from './send-blob.ts'

type Wanted = { readonly source: Source; readonly digest: Digest }

/** distribution-spec §Pulling blobs, whole or in ranges (RFC 9110 §14). */
export async function pullBlob(
  c: RequestContext,
  { mirror, keepHot, buffers }: Asked,
  wanted: Wanted,
): Promise<Response> {
  // Who has it already is told so without a fetch.
  const isHeadEnough = isNotModified(c.env.incoming.headers, etagOf(wanted.digest))
  if (c.req.method === 'HEAD' || isHeadEnough) return headBlob(c, mirror, wanted)
  const pull = await mirror.pullBlob(wanted.source, wanted.digest)
  try {
    return await answer(c, pull, { ...wanted, keepHot, buffers })
  } finally {
    await pull.close()
  }
}

async function headBlob(c: RequestContext, mirror: AnyMirror, wanted: Wanted): Promise<Response> {
  const { sizeBytes, cache } = await mirror.headBlob(wanted.source, wanted.digest)
  c.get('facts').cache = cache
  const headers = blobHeaders(wanted, cache)
  if (isNotModified(c.env.incoming.headers, etagOf(wanted.digest))) {
    return send(c, { status: 304, headers })
  }
  const whole = wholeContent(sizeBytes ?? 0).headers
  const length = sizeBytes === undefined ? {} : { 'Content-Length': String(sizeBytes) }
  return send(c, { status: 200, headers: { ...headers, ...whole, ...length } })
}

async function answer(
  c: RequestContext,
  pull: BlobPull,
  { keepHot, buffers, ...wanted }: Wanted & Pick<Asked, 'keepHot' | 'buffers'>,
): Promise<Response> {
  const requestHeaders = c.env.incoming.headers
  const etag = etagOf(wanted.digest)
  const { sizeBytes, cache } = pull
  c.get('facts').cache = cache
  const request = parseRange(applicableRange(requestHeaders, etag), sizeBytes)
  if (request.kind === 'unsatisfiable') return unsatisfiable(c, sizeBytes)
  const isWhole = request.kind === 'whole'
  if (isWhole && pull.lease && sizeBytes <= maxHotBytes) {
    // What can't be read is met once more on the long way, which tells of it.
    const body = await readWhole(pull).catch(() => undefined)
    // What is damaged on the disk mustn't stay in memory, where nobody would notice its repair.
    if (body && digestOf(body, digestAlgorithm(wanted.digest)) === wanted.digest)
      return sendSmall(c, { ...wanted, keepHot, lease: pull.lease, cache, body })
  }
  const content = isWhole ? wholeContent(sizeBytes) : rangeContent(request.ranges, sizeBytes)
  const headersFor = (how: string) => blobHeaders(wanted, how)
  return sendBlob(c, pull, { ...content, headersFor, buffers })
}

/** RFC 9110 §15.5.17. */
function unsatisfiable(c: RequestContext, sizeBytes: number): Response {
  const what = `the blob has ${sizeBytes} bytes; the Range header asks for none of them`
  const error = new RegistryError('RANGE_INVALID', what)
  return errorResponse(c, error, { 'Content-Range': `bytes */${sizeBytes}` })
}

function blobHeaders({ source, digest }: Wanted, cache: string): Record<string, string> {
  return {
    ...contentHeaders({ source, digest, cache }),
    'Cache-Control': immutable,
    'Accept-Ranges': 'bytes',
  }
}

type Small = Wanted & {
  readonly keepHot: KeepHot
  readonly lease: Lease
  readonly cache: string
  readonly body: Buffer
}

/** Whole from memory, now and as long as the lease holds. */
function sendSmall(c: RequestContext, { keepHot, lease, cache, body, ...wanted }: Small): Response {
  const { headers } = wholeContent(body.length)
  const length = { 'Content-Length': String(body.length) }
  const answer = { headers: { ...blobHeaders(wanted, cache), ...headers, ...length }, body }
  const served = { kind: 'blob', ...wanted } as const
  keepHot(c.env.incoming.url ?? '', lease, { ...answer, served, facts: c.get('facts') })
  return send(c, { status: 200, ...answer })
}
