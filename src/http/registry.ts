import type { Caller } from '../access/caller.ts'
import { isDigest } from '../oci/digest.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { parseRequestPath, type RequestPath } from '../oci/request-path.ts'
import type { Source } from '../oci/source.ts'
import type { AskedKind } from '../traffic/answered.ts'
import { hasScope } from './authentication.ts'
import { pullBlob } from './blob-response.ts'
import type { Registry, RequestContext, RequestUrl } from './environment.ts'
import { errorResponse } from './error-response.ts'
import { dockerApiVersion, entrepotCache } from './header-names.ts'
import { listReferrers, listRepositories, listTags } from './list-response.ts'
import { pullManifest } from './manifest-response.ts'
import { findCaller } from './registry-caller.ts'
import { send } from './send.ts'
import { handleWriting, isPulling, type PulledTarget } from './write-requests.ts'

/** Answers whatever the path asks of the registry (distribution-spec §Endpoints). */
export async function handleRegistry(c: RequestContext, registry: Registry): Promise<Response> {
  const { path, query } = splitUrl(c.env.incoming.url ?? '/')
  const request = withPortView(parseRequestPath(path), registry)
  if (!request) return notFound(c)
  const url = { path: c.get('outside').prefix + path, query }
  const { view, target } = request
  const caller = await findCaller(c, registry, request)
  if (isPulling(c.req.method, target)) return dispatch(c, registry, { view, target, url, caller })
  return handleWriting(c, registry, { view, target, url, caller })
}

/**
 * The raw request target, since Hono's and URL's would resolve dots and escapes before the parser
 * sees them. Absolute-form targets (RFC 9112 §3.2.2) lose their host.
 */
function splitUrl(target: string): RequestUrl {
  const relative = target.replace(/^https?:\/\/[^/?]*/i, '')
  const question = relative.indexOf('?')
  if (question < 0) return { path: relative, query: new URLSearchParams() }
  const query = new URLSearchParams(relative.slice(question))
  return { path: relative.slice(0, question), query }
}

/** A port that is a view has no other views. */
function withPortView(request: RequestPath | undefined, { view }: Registry) {
  if (!request || view === undefined) return request
  return request.view === undefined ? { ...request, view } : undefined
}

type Pulled = {
  readonly view?: string | undefined
  readonly target: PulledTarget
  readonly url: RequestUrl
  readonly caller: Caller
}

async function dispatch(
  c: RequestContext,
  registry: Registry,
  { view, target, url, caller }: Pulled,
): Promise<Response> {
  const { mirror, buffers, access } = registry
  const named = { view, ns: url.query.get('ns') ?? undefined }
  if (target.kind === 'base' || target.kind === 'catalog') {
    const upstream = mirror.resolveUpstream(named)
    if (target.kind === 'catalog')
      return listRepositories(c, { mirror, access }, { upstream, url, caller })
    return answerBase(c)
  }
  const requested = mirror.resolve({ ...named, name: target.name })
  noteRequest(c, requested, target)
  c.get('facts').asked = { kind: kindOf(target) }
  const source = access.admit(caller, requested)
  const isFor = (other: Caller, answered: Source) =>
    hasScope(other, 'repository', target.name, 'pull') && access.may(other, 'pull', answered)
  const keepHot = registry.hot.keeper({ isView: view !== undefined, isFor })
  const asked = { mirror, buffers, keepHot }
  switch (target.kind) {
    case 'manifest':
      return pullManifest(c, asked, { source, reference: target.reference })
    case 'blob':
      return pullBlob(c, asked, { source, digest: target.digest })
    case 'tags':
      return listTags(c, mirror, { source, name: target.name, url })
    case 'referrers':
      return listReferrers(c, mirror, { source, digest: target.digest, url })
  }
}

function kindOf(target: Exclude<PulledTarget, { kind: 'base' | 'catalog' }>): AskedKind {
  if (target.kind === 'manifest') return isDigest(target.reference) ? 'digest' : 'tag'
  return target.kind === 'blob' ? 'blob' : 'list'
}

function noteRequest(c: RequestContext, source: Source, target: object): void {
  const facts = c.get('facts')
  facts.upstream = source.upstream
  facts.repository = source.repository
  if (source.own !== undefined) facts.own = source.own
  if ('reference' in target) facts.reference = String(target.reference)
  if ('digest' in target) facts.reference = String(target.digest)
}

/** distribution-spec §Determining Support. Never a redirect or an error: clients would leave the mirror. */
function answerBase(c: RequestContext): Response {
  const headers = {
    'Content-Type': 'application/json',
    [dockerApiVersion]: 'registry/2.0',
    [entrepotCache]: 'hit',
  }
  return send(c, { status: 200, headers, body: '{}' })
}

function notFound(c: RequestContext): Response {
  const what =
    'nothing is at this path: images are under /v2/, for example /v2/docker.io/library/alpine/manifests/latest'
  return errorResponse(c, new RegistryError('NAME_UNKNOWN', what))
}
