import { DigestMismatchError } from '../oci/digest-check.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { WrongContentError } from '../upstream/upstream-error.ts'

/** A digest that didn't match is upstream's fault; other errors are given back as they are. */
export function blameUpstream(error: unknown, upstream: UpstreamName): unknown {
  if (!(error instanceof DigestMismatchError)) return error
  const { expected, actual } = error
  const what = `sent a blob with the wrong digest: wanted ${expected}, found ${actual}`
  return new WrongContentError(upstream, what)
}
