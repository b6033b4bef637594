import { DigestMismatchError } from '../oci/digest-check.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'

/** What was sent is not the blob: nothing of it is of use. */
export class WrongContentError extends UpstreamError {
  constructor(upstream: UpstreamName, what: string) {
    super(upstream, 'invalid', what)
  }
}

/** A digest that didn't match is upstream's fault; other errors are given back as they are. */
export function blameUpstream(error: unknown, upstream: UpstreamName): unknown {
  if (!(error instanceof DigestMismatchError)) return error
  const { expected, actual } = error
  const what = `sent a blob with the wrong digest: wanted ${expected}, found ${actual}`
  return new WrongContentError(upstream, what)
}
