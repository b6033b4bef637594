import { isDigest } from '../oci/digest.ts'
import { indexTypes } from '../oci/media-type.ts'
import type { Reference } from '../oci/reference.ts'
import type { Source } from '../oci/source.ts'
import { isNotModified } from './conditional.ts'
import { contentHeaders, etagOf, immutable } from './content-headers.ts'
import type { Asked, RequestContext } from './environment.ts'
import { send } from './send.ts'

/** distribution-spec §Pulling manifests: bytes, type and length just as they are kept. */
export async function pullManifest(
  c: RequestContext,
  { mirror, keepHot }: Asked,
  { source, reference }: { source: Source; reference: Reference },
): Promise<Response> {
  const method = c.req.method === 'HEAD' ? 'HEAD' : 'GET'
  const pull = await mirror.pullManifest(source, reference, method)
  c.get('facts').cache = pull.cache
  const headers = contentHeaders({ ...pull, source })
  headers['Cache-Control'] = cacheControl(reference)
  if (isNotModified(c.env.incoming.headers, etagOf(pull.digest))) {
    return send(c, { status: 304, headers })
  }
  headers['Content-Type'] = pull.mediaType
  headers['Content-Length'] = String(pull.sizeBytes)
  if (!pull.bytes) return send(c, { status: 200, headers })
  notePull(c, method === 'GET' && !indexTypes.has(pull.mediaType))
  const answer = send(c, { status: 200, headers, body: pull.bytes })
  if (pull.lease) {
    const { digest, bytes: body } = pull
    const served = { kind: 'image', source: pull.source ?? source, digest } as const
    keepHot(c.env.incoming.url ?? '', pull.lease, { headers, body, served, facts: c.get('facts') })
  }
  return answer
}

/** An index is no image, but the manifest is that comes next: as Docker Hub counts. */
function notePull(c: RequestContext, isPull: boolean): void {
  const facts = c.get('facts')
  if (facts.asked) facts.asked = { ...facts.asked, isPull }
}

/** A tag moves: whoever keeps it must ask again. */
function cacheControl(reference: Reference): string {
  return isDigest(reference) ? immutable : 'no-cache'
}
