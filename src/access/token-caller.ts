import type { TokenRecord } from '../store/access-records.ts'
import type { Caller, Grant } from './caller.ts'

/** Whom a token stands for, and what it may or is limited to. */
export function callerOfToken({ kind, name, user, ...token }: TokenRecord): Caller {
  const grant = grantOf(token)
  if (user === undefined) return { kind: 'token', name, grant }
  return { kind: 'user', name: user, ...(kind === 'personal' && { token: name }), limit: grant }
}

function grantOf({
  may,
  repositories,
}: Pick<TokenRecord, 'may' | 'repositories'>): Grant | undefined {
  if (may === undefined && repositories === undefined) return undefined
  return {
    may: may ?? ['pull', 'push', 'delete', 'admin'],
    repositories: repositories ?? ['**'],
  }
}
