import { anonymous, type Caller, type Scope } from '../access/caller.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { RequestPath, Target } from '../oci/request-path.ts'
import { identify, requireScope } from './authentication.ts'
import type { Registry, RequestContext } from './environment.ts'
import { refuseOtherPages } from './session-cookie.ts'
import { actionOf, isPulling } from './write-requests.ts'

/**
 * Who asks the registry. Views are for dockerd, which sends Docker Hub's login to whatever asks for one: they ask
 * for none, and don't look at what they get. Throws RegistryError UNAUTHORIZED.
 */
export async function findCaller(
  c: RequestContext,
  { authentication }: Pick<Registry, 'authentication'>,
  { view, target }: RequestPath,
): Promise<Caller> {
  if (view !== undefined) return anonymous
  // The one method that changes something and that a browser sends without asking us first.
  if (c.req.method === 'POST') refuseOtherPages(c)
  const wanted = scopeOf(c.req.method, target)
  c.set('wanted', wanted)
  const isByToken = /^bearer /i.test(c.env.incoming.headers.authorization ?? '')
  if (isByToken) c.set('tokenFault', 'invalid_token')
  const { caller } = await identify(c, authentication)
  if (isByToken) c.set('tokenFault', 'insufficient_scope')
  if (wanted) requireScope(caller, wanted)
  else requireToken(caller)
  return caller
}

/** Of the base: whoever may do nothing else gets a token too, and `docker login` learns whether a password is right. */
function requireToken(caller: Caller): void {
  const isAsked = caller.kind === 'anonymous' && caller.canLogIn && caller.scopes === undefined
  if (!isAsked) return
  const what = 'wanted a token: /token gives one, also to who has no login'
  throw new RegistryError('UNAUTHORIZED', what)
}

function scopeOf(method: string, target: Target): Scope | undefined {
  if (target.kind === 'base') return undefined
  if (target.kind === 'catalog') return { type: 'registry', name: 'catalog', actions: ['*'] }
  const { name } = target
  if (isPulling(method, target)) return { type: 'repository', name, actions: ['pull'] }
  return { type: 'repository', name, actions: [actionOf(method, target)] }
}
