import type { Readable } from 'node:stream'
import { type ByteRange, parseContentRange } from '../oci/byte-range.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { describeFailure } from './describe-failure.ts'
import { discardBody } from './response-body.ts'
import { readContentLength, type TransportResponse } from './transport.ts'
import { UpstreamError } from './upstream-error.ts'

export type BlobAnswer = {
  /** Of the whole blob; undefined where upstream doesn't say. */
  readonly sizeBytes: number | undefined
  /** Whether the body is just the range that was asked for, else it is the whole blob. */
  readonly isRange: boolean
  /** The body; throws UpstreamError where it breaks off. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Ends the transfer, if it hasn't ended; the caller always calls it. */
  destroy(): void
}

/** Throws UpstreamError `invalid` for a part that isn't the one asked for (RFC 9110 §15.3.7). */
export async function readBlobAnswer(
  upstream: UpstreamName,
  range: ByteRange | undefined,
  response: TransportResponse,
): Promise<BlobAnswer> {
  if (response.status === 200) {
    const sizeBytes = readContentLength(response)
    return { sizeBytes, isRange: false, ...readChunks(upstream, response.body) }
  }
  const content = parseContentRange(response.header('content-range'))
  if (range && content?.range.start === range.start && content.range.end === range.end) {
    return { sizeBytes: content.size, isRange: true, ...readChunks(upstream, response.body) }
  }
  await discardBody(response.body)
  throw new UpstreamError(upstream, 'invalid', 'sent another part of a blob than was asked for')
}

function readChunks(
  upstream: UpstreamName,
  body: Readable,
): Pick<BlobAnswer, 'chunks' | 'destroy'> {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body as AsyncIterable<Uint8Array>) yield chunk
    } catch (error) {
      throw describeFailure(upstream, error)
    }
  }
  // Destroyed before it was read, a body reports an error that is nobody's any more.
  return { chunks: chunks(), destroy: () => void body.on('error', () => {}).destroy() }
}
