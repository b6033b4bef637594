import type { UpstreamName } from '../oci/upstream-name.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'

/** What was sent is not the blob: nothing of it is of use. */
export class WrongContentError extends UpstreamError {
  constructor(upstream: UpstreamName, what: string) {
    super(upstream, 'invalid', what)
  }
}
