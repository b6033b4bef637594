import type { AnyAudit, AuditEvent } from '../audit/any-audit.ts'
import { isDigest } from '../oci/digest.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { parseRequestPath, type Target } from '../oci/request-path.ts'
import type { RequestContext, RequestFacts } from './environment.ts'

type Action = {
  readonly what: AuditEvent['what']
  readonly target?: Target
  /** Only what is refused says anything. */
  readonly isPart?: boolean
}

/** What is done by a POST to the API, and ended by a DELETE. */
const apiActions: Readonly<Record<string, AuditEvent['what']>> = {
  '/api/v1/remove': 'delete',
  '/api/v1/prune': 'prune',
  '/api/v1/tag': 'tag',
  '/api/v1/copy': 'copy',
  '/api/v1/warm': 'warm',
  '/api/v1/evict': 'evict',
  '/api/v1/pin': 'pin',
  '/api/v1/unpin': 'unpin',
  '/api/v1/offline': 'offline',
  '/api/v1/verify': 'verify',
  '/api/v1/backups': 'backup',
  '/api/v1/users/add': 'user-add',
  '/api/v1/users/password': 'user-change',
  '/api/v1/users/remove': 'user-remove',
  '/api/v1/tokens/create': 'token-create',
  '/api/v1/tokens/revoke': 'token-revoke',
}
const ending = new Set(['/api/v1/verify', '/api/v1/backups'])
const reading = new Set(['GET', 'HEAD'])

/**
 * The one place that notes what requests did, or tried to do: called when a request was handled, whether
 * or not its client is still there to hear of it.
 */
export function noteAction(c: RequestContext, audit: AnyAudit, now: () => number): void {
  if (reading.has(c.req.method)) return
  const facts = c.get('facts')
  const action = findAction(c)
  if (action === undefined || facts.dryRun) return
  const result = resultOf(c)
  if (action.isPart && !isRefused(c, result)) return
  audit.note({
    at: now(),
    who: facts.who ?? 'anonymous',
    from: c.get('outside').client,
    what: action.what,
    subject: subjectOf(facts, action.target),
    result,
    detail: result === 'ok' ? facts.outcome : facts.error,
  })
}

/** A blob that is pushed says little by itself: it is its manifest's push that counts. */
function findAction(c: RequestContext): Action | undefined {
  const { method } = c.req
  // As the API's routes have it, which are found by what escapes stand for too.
  const isAction = method === 'POST' || (method === 'DELETE' && ending.has(c.req.path))
  const what = isAction ? apiActions[c.req.path] : undefined
  if (what !== undefined) return { what }
  const [path = ''] = (c.env.incoming.url ?? '').replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)
  const target = findTarget(path)
  const isRemoval = method === 'DELETE'
  if (target?.kind === 'manifest') return { what: isRemoval ? 'delete' : 'push', target }
  if (target?.kind === 'upload') return { what: 'push', target, isPart: true }
  return target?.kind === 'blob' && isRemoval ? { what: 'delete', target } : undefined
}

/** Nothing is at a path that can't be read, and nothing was done there. */
function findTarget(path: string): Target | undefined {
  try {
    return parseRequestPath(path)?.target
  } catch (error) {
    if (error instanceof RegistryError) return undefined
    throw error
  }
}

function resultOf(c: RequestContext): AuditEvent['result'] {
  const status = statusOf(c)
  if (status === 401 || status === 403) return 'denied'
  // Of a client that left before its request was whole, the status says nothing.
  const isDone = c.get('facts').error === undefined && status >= 200 && status < 300
  return isDone ? 'ok' : 'failed'
}

/** Clients begin without credentials, and bring them when they are asked to: that isn't worth a record. */
function isRefused(c: RequestContext, result: AuditEvent['result']): boolean {
  const isAsked = statusOf(c) === 401 && c.req.header('authorization') === undefined
  return result === 'denied' && !isAsked
}

/** Most answers are on their way by then. */
function statusOf(c: RequestContext): number {
  const { outgoing } = c.env
  return outgoing.headersSent ? outgoing.statusCode : c.res.status
}

function subjectOf(facts: RequestFacts, target: Target | undefined): string {
  if (facts.subject !== undefined) return facts.subject
  const named = target && 'name' in target ? target.name : ''
  const repository = facts.repository ?? named
  const reference = facts.reference ?? referenceOf(target)
  if (reference === undefined) return repository
  return `${repository}${isDigest(reference) ? '@' : ':'}${reference}`
}

function referenceOf(target: Target | undefined): string | undefined {
  if (target && 'reference' in target) return target.reference
  return target && 'digest' in target ? target.digest : undefined
}
