import type { Scope } from '../access/caller.ts'
import type { RequestContext } from './environment.ts'

/** What was wrong with the token that a request brought (RFC 6750 §3.1). */
export type TokenFault = 'invalid_token' | 'insufficient_scope'

/** RFC 6749 §3.3: a path may hold anything, and no name that there is holds what couldn't stand in a header. */
const scopePattern = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/**
 * With an answer of 401: where to get a token, and for what (RFC 6750 §3, distribution's token specification).
 * All clients take the first scheme that they know, and all know this one. Told of a fault, containerd
 * throws its token away and podman asks for one of that scope; untold, both bring the same again.
 */
export function challengeOf(c: RequestContext, scope: Scope | undefined): string {
  const { scheme, host, prefix } = c.get('outside')
  const fault = c.get('tokenFault')
  const text = scope && formatScope(scope)
  const parameters = [
    `realm="${scheme}://${host}${prefix}/token"`,
    `service="${host}"`,
    ...(text !== undefined && scopePattern.test(text) ? [`scope="${text}"`] : []),
    ...(fault ? [`error="${fault}"`] : []),
  ]
  return `Bearer ${parameters.join(',')}`
}

function formatScope({ type, name, actions }: Scope): string {
  return `${type}:${name}:${actions.join(',')}`
}

const mostScopes = 50
const longestName = 256
/** All of them are in the token, which has to fit into a header again. */
const mostCharacters = 4096

/**
 * What `/token` is asked for, in any number of parameters that hold any number each. What isn't about a repository
 * or the catalog is passed over: nothing here is of another type.
 */
export function readScopes(texts: readonly string[]): readonly Scope[] {
  let characters = 0
  return texts
    .flatMap((text) => text.split(' '))
    .slice(0, mostScopes)
    .filter((text) => {
      characters += text.length
      return characters <= mostCharacters
    })
    .flatMap((text) => readScope(text) ?? [])
}

/** A name may have a port, and so a colon, in it. */
function readScope(text: string): Scope | undefined {
  const [, type, name = '', actions = ''] =
    /^(repository|registry):(.+):([a-z,*]+)$/.exec(text) ?? []
  if (type === undefined || name.length > longestName) return undefined
  return { type: type as Scope['type'], name, actions: [...new Set(actions.split(','))] }
}
