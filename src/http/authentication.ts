import type { AnyLogins, Asker, Identified } from '../access/any-logins.ts'
import { anonymous, type Caller, formatCaller, type Scope } from '../access/caller.ts'
import type { KnownCallers } from '../access/known-callers.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { certificateNameOf } from './client-certificate.ts'
import { clientKey } from './client-key.ts'
import { isOfOurs, readCredentials } from './credentials.ts'
import type { RequestContext } from './environment.ts'

/** How it is found out who asks. */
export type Authentication = { readonly logins: AnyLogins; readonly known: KnownCallers }

export const nobody: Identified = { caller: anonymous, identity: 'anonymous', validUntil: 0 }

/**
 * Who asks, by the Authorization header or else by a client's certificate. As long as nobody can log in here, what clients bring is meant for
 * another registry, and not looked at. Throws RegistryError as AnyLogins.identify does.
 */
export async function identify(
  c: RequestContext,
  { logins, known }: Authentication,
): Promise<Identified> {
  const header = c.env.incoming.headers.authorization
  const isForUs = header !== undefined && (logins.exist || isOurs(header))
  if (!isForUs) return withLogin(findByCertificate(c) ?? nobody, logins)
  const found = await known.identify(header, readCredentials(header), askerOf(c))
  noteCaller(c, found.caller)
  return withLogin(found, logins)
}

/** Behind a proxy it is the proxy's. */
function findByCertificate(c: RequestContext): Identified | undefined {
  if (c.get('outside').isProxied) return undefined
  const name = certificateNameOf(c.env.incoming.socket)
  if (name === undefined) return undefined
  const caller: Caller = { kind: 'user', name, isCertified: true }
  noteCaller(c, caller)
  return { caller, identity: `certificate:${name}`, validUntil: 0 }
}

/** For the line in the log. */
export function noteCaller(c: RequestContext, caller: Caller): void {
  if (caller.kind !== 'anonymous') c.get('facts').who = formatCaller(caller)
}

export function askerOf(c: RequestContext): Asker {
  const { client } = c.get('outside')
  return { address: client, network: clientKey(client) }
}

/** Whether what the caller brought is good for that; what isn't from `/token` is good for all. */
export function hasScope(
  caller: Caller,
  type: Scope['type'],
  name: string,
  action: string,
): boolean {
  if (caller.scopes === undefined) return true
  return caller.scopes.some(
    (scope) =>
      scope.type === type &&
      scope.name === name &&
      (scope.actions.includes(action) || scope.actions.includes('*')),
  )
}

/** Throws RegistryError UNAUTHORIZED: clients then ask for a token with the scope that they lack. */
export function requireScope(caller: Caller, { type, name, actions }: Scope): void {
  const lacking = actions.find((action) => !hasScope(caller, type, name, action))
  if (lacking === undefined) return
  const what = `the token wasn't made for that: wanted one of /token?scope=${type}:${name}:${lacking}`
  throw new RegistryError('UNAUTHORIZED', what)
}

function withLogin({ caller, ...found }: Identified, { exist }: AnyLogins): Identified {
  const isAsked = exist && caller.kind === 'anonymous'
  return { ...found, caller: isAsked ? { ...caller, canLogIn: true } : caller }
}

function isOurs(header: string): boolean {
  try {
    return isOfOurs(readCredentials(header))
  } catch (error) {
    if (error instanceof RegistryError) return false
    throw error
  }
}
