import type { UpstreamName } from '../oci/upstream-name.ts'
import type { BandwidthShare } from './bandwidth.ts'
import type { BlobAnswer } from './blob-answer.ts'
import { describeFailure } from './describe-failure.ts'

type Limit = { readonly share: BandwidthShare; readonly signal: AbortSignal }

/** The same answer, no faster than its share of the bandwidth. Aborting `signal` ends the wait for that. */
export function throttle(
  upstream: UpstreamName,
  answer: BlobAnswer,
  { share, signal }: Limit,
): BlobAnswer {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for await (const chunk of answer.chunks) {
      await share.take(chunk.length, signal).catch((error) => {
        throw describeFailure(upstream, error)
      })
      yield chunk
    }
  }
  return { ...answer, chunks: chunks() }
}
