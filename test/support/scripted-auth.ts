import { answerJson } from './scripted-answer.ts'
import type { Behaviour, ScriptedUpstream } from './scripted-upstream.ts'

export interface BearerOptions {
  /** Where tokens are to be had; a path is on the upstream itself. */
  readonly realm?: string
  readonly expiresInSeconds?: number
  /** Whether `/v2/` wants a token too, as most registries do. */
  readonly isBaseGuarded?: boolean
  /** The Authorization without which the realm gives no token. */
  readonly login?: string
}

/** The token service of a scripted upstream. */
export interface BearerGuard {
  /** Tokens that were given out, in order. */
  readonly tokens: readonly string[]
  /** Makes every token that was given out so far useless. */
  revoke(): void
}

/** From now on the upstream wants a token for all it gives (distribution's token specification). */
export const requireBearer = (
  upstream: ScriptedUpstream,
  options: BearerOptions = {},
): BearerGuard => {
  const { isBaseGuarded = true, realm = '/token' } = options
  const tokens: string[] = []
  let firstValid = 0
  const challenge = `Bearer realm="${new URL(realm, upstream.url)}",service="scripted"`
  upstream.script(/^GET \/token\?/, (_, { headers }) => {
    if (options.login !== undefined && headers.authorization !== options.login) {
      return answerJson({ errors: [{ code: 'UNAUTHORIZED' }] }, 401)
    }
    const token = `secret-token-${tokens.length}`
    tokens.push(token)
    return answerJson({ token, expires_in: options.expiresInSeconds ?? 300 })
  })
  const guard: Behaviour = (usual, { headers }) => {
    const token = headers.authorization?.replace('Bearer ', '') ?? ''
    return tokens.indexOf(token) >= firstValid ? usual : refuse(challenge)
  }
  upstream.script(isBaseGuarded ? /^\S+ \/v2\// : /^\S+ \/v2\/./, guard)
  const revoke = () => {
    firstValid = tokens.length
  }
  return { tokens, revoke }
}

/** From now on the upstream wants this Authorization for all it gives (RFC 7617). */
export const requireBasic = (upstream: ScriptedUpstream, authorization: string): void => {
  upstream.script(/^\S+ \/v2\//, (usual, { headers }) =>
    headers.authorization === authorization ? usual : refuse('Basic realm="scripted"'),
  )
}

export const basicLogin = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

const refuse = (challenge: string) => {
  const answer = answerJson({ errors: [{ code: 'UNAUTHORIZED', message: 'scripted' }] }, 401)
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': challenge } }
}
