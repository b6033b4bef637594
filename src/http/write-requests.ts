import type { Action } from '../access/access.ts'
import type { Caller } from '../access/caller.ts'
import type { AnyHosted } from '../hosted/any-hosted.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import type { Target } from '../oci/request-path.ts'
import { ownSource } from '../oci/source.ts'
import { hasScope } from './authentication.ts'
import type { Registry, RequestContext, RequestUrl } from './environment.ts'
import { errorResponse } from './error-response.ts'
import { pushManifest, removeBlob, removeManifest } from './push-response.ts'
import { handleUpload } from './upload-response.ts'

export type PulledTarget = Exclude<Target, { readonly kind: 'upload' }>

type NamedTarget = Extract<Target, { readonly name: string }>

const reading = ['GET', 'HEAD']

/** What may be done to each kind of target (distribution-spec §Endpoints). */
export const methodsOfKind: Readonly<Record<NamedTarget['kind'], readonly string[]>> = {
  upload: [...reading, 'PATCH', 'PUT', 'DELETE'],
  manifest: [...reading, 'PUT', 'DELETE'],
  blob: [...reading, 'DELETE'],
  tags: reading,
  referrers: reading,
}

/** Whether a request only reads what was pushed or mirrored: the state of an upload is its pusher's. */
export function isPulling(method: string, target: Target): target is PulledTarget {
  return target.kind !== 'upload' && (method === 'GET' || method === 'HEAD')
}

type Written = {
  readonly view: string | undefined
  readonly target: Target
  readonly url: RequestUrl
  readonly caller: Caller
}

/** Answers pushes and removals. */
export async function handleWriting(
  c: RequestContext,
  { hosted, access }: Pick<Registry, 'hosted' | 'access'>,
  { view, target, url, caller }: Written,
): Promise<Response> {
  const isReadOnly = view !== undefined
  if (isReadOnly || target.kind === 'base' || target.kind === 'catalog')
    return methodNotAllowed(c, reading)
  const methods = methodsOf(target)
  if (!methods.includes(c.req.method)) return methodNotAllowed(c, methods)
  const ns = url.query.get('ns') ?? undefined
  const repository = hosted.resolveOwn({ name: target.name, ns })
  const facts = c.get('facts')
  facts.repository = repository
  facts.cache = 'hosted'
  if ('reference' in target) facts.reference = target.reference
  if ('digest' in target) facts.reference = target.digest
  access.require(caller, actionOf(c.req.method, target), ownSource(repository))
  const mayPull = (from: Repository) =>
    hasScope(caller, 'repository', from, 'pull') && access.may(caller, 'pull', ownSource(from))
  return dispatch(c, hosted, { target, repository, url, mayPull })
}

function methodsOf(target: NamedTarget): readonly string[] {
  return target.kind === 'upload' && target.id === '' ? ['POST'] : methodsOfKind[target.kind]
}

/** To give an upload up is its pusher's business. */
export function actionOf(method: string, target: Target): Action {
  return method === 'DELETE' && target.kind !== 'upload' ? 'delete' : 'push'
}

type Writing = {
  readonly target: NamedTarget
  readonly repository: Repository
  readonly url: RequestUrl
  readonly mayPull: (from: Repository) => boolean
}

function dispatch(
  c: RequestContext,
  hosted: AnyHosted,
  { target, repository, url, mayPull }: Writing,
): Promise<Response> {
  const isRemoval = c.req.method === 'DELETE'
  switch (target.kind) {
    case 'upload':
      return handleUpload(c, hosted, { repository, id: target.id, url, mayPull })
    case 'manifest': {
      const { reference } = target
      if (isRemoval) return removeManifest(c, hosted, { repository, reference })
      return pushManifest(c, hosted, { repository, reference, url })
    }
    case 'blob':
      return removeBlob(c, hosted, { repository, digest: target.digest })
    default:
      throw new RegistryError('UNSUPPORTED', 'a list can only be read')
  }
}

function methodNotAllowed(c: RequestContext, methods: readonly string[]): Response {
  const allowed = methods.join(', ')
  const what = `${c.req.method} isn't possible here: wanted ${allowed}`
  return errorResponse(c, new RegistryError('UNSUPPORTED', what), { Allow: allowed })
}
