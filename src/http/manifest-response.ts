import type { Mirror } from '../mirror/mirror.ts'
import { type Digest, isDigest } from '../oci/digest.ts'
import type { Reference } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import { isNotModified } from './conditional.ts'
import { contentHeaders, etagOf, immutable } from './content-headers.ts'
import type { RequestContext } from './environment.ts'

/** distribution-spec §Pulling manifests: bytes, type and length just as they are kept. */
export async function pullManifest(
  c: RequestContext,
  mirror: Mirror,
  { source, reference }: { source: Source; reference: Reference },
): Promise<Response> {
  const method = c.req.method === 'HEAD' ? 'HEAD' : 'GET'
  const pull = await mirror.pullManifest(source, reference, method)
  const facts = c.get('facts')
  facts.cache = pull.cache
  const headers = {
    ...contentHeaders({ source, ...pull }),
    'Cache-Control': cacheControl(reference),
  }
  if (isNotModified(c.env.incoming.headers, etagOf(pull.digest))) return c.body(null, 304, headers)
  const content = {
    ...headers,
    'Content-Type': pull.mediaType,
    'Content-Length': String(pull.sizeBytes),
  }
  if (method === 'HEAD' || !pull.bytes) return c.body(null, 200, content)
  facts.bytes = pull.sizeBytes
  return c.body(pull.bytes as Uint8Array<ArrayBuffer>, 200, content)
}

/** A tag moves: whoever keeps it must ask again. */
function cacheControl(reference: Reference | Digest): string {
  return isDigest(reference) ? immutable : 'no-cache'
}
