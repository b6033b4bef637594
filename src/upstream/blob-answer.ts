import type { Readable } from 'node:stream'
import { parseContentRange } from '../oci/byte-range.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { describeFailure } from './describe-failure.ts'
import { discardBody } from './response-body.ts'
import { readContentLength, type TransportResponse } from './transport.ts'
import { UpstreamError } from './upstream-error.ts'

/** The bytes of a blob from `start` on; without `end`, to its end. */
export type BlobPart = { readonly start: number; readonly end?: number }

/** One answer to a GET of a blob, on one connection. */
export type BlobAnswer = {
  /** Of the whole blob; undefined where upstream doesn't say. */
  readonly sizeBytes: number | undefined
  /** Where the body begins: at what was asked for, or at 0 where upstream doesn't serve parts. */
  readonly start: number
  /** Whether it is the part that was asked for, and not the whole blob. */
  readonly isPart: boolean
  /** The body; throws UpstreamError where it breaks off or comes too slowly. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Ends the transfer, if it hasn't ended; the caller always calls it. */
  destroy(): void
}

/** Below this an upstream isn't slow but stuck: one byte now and then would hold its connection for ever. */
const slowestBytesPerSecond = 256

export function rangeHeader({ start, end }: BlobPart): Readonly<Record<string, string>> {
  return start === 0 && end === undefined ? {} : { range: `bytes=${start}-${end ?? ''}` }
}

/** Throws UpstreamError `invalid` for a part that isn't the one asked for (RFC 9110 §15.3.7). */
export async function readBlobAnswer(
  upstream: UpstreamName,
  part: BlobPart,
  { response, stuckAfterMs }: { response: TransportResponse; stuckAfterMs: number },
): Promise<BlobAnswer> {
  const body = readBody(upstream, response.body, stuckAfterMs)
  if (response.status === 200) {
    return { sizeBytes: readContentLength(response), start: 0, isPart: false, ...body }
  }
  const content = parseContentRange(response.header('content-range'))
  const lastByte = content && (part.end ?? content.size - 1)
  const isAsked = content?.range.start === part.start && content.range.end === lastByte
  // A 206 to a request without Range would be a part that nobody asked for, even if it were all.
  const wasAsked = part.start > 0 || part.end !== undefined
  if (content && isAsked && wasAsked) {
    return { sizeBytes: content.size, start: part.start, isPart: true, ...body }
  }
  await discardBody(response.body)
  throw new UpstreamError(upstream, 'invalid', 'sent another part of a blob than was asked for')
}

function readBody(
  upstream: UpstreamName,
  body: Readable,
  stuckAfterMs: number,
): Pick<BlobAnswer, 'chunks' | 'destroy'> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* readSteadily(upstream, body, stuckAfterMs)
    } catch (error) {
      throw describeFailure(upstream, error)
    }
  }
  // Destroyed before it was read, a body reports an error that is nobody's any more.
  return { chunks: chunks(), destroy: () => void body.on('error', () => {}).destroy() }
}

/** Counts only the time that upstream lets us wait: how long the reader takes is its own affair. */
async function* readSteadily(
  upstream: UpstreamName,
  body: Readable,
  stuckAfterMs: number,
): AsyncGenerator<Uint8Array> {
  const fewest = (slowestBytesPerSecond * stuckAfterMs) / 1000
  let waitedMs = 0
  let bytes = 0
  let askedAt = performance.now()
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    waitedMs += performance.now() - askedAt
    bytes += chunk.length
    if (waitedMs >= stuckAfterMs) {
      if (bytes < fewest) throw tooSlow(upstream)
      waitedMs = 0
      bytes = 0
    }
    yield chunk
    askedAt = performance.now()
  }
}

function tooSlow(upstream: UpstreamName): UpstreamError {
  const what = `sends fewer than ${slowestBytesPerSecond} bytes a second`
  return new UpstreamError(upstream, 'unavailable', what, { isTimeout: true })
}
