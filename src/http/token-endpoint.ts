import type { Credentials, Identified } from '../access/any-logins.ts'
import { parseToken } from '../access/token-secret.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { type Authentication, askerOf, identify, nobody, noteCaller } from './authentication.ts'
import { readScopes } from './challenge.ts'
import { isOfOurs } from './credentials.ts'
import type { RequestContext } from './environment.ts'
import { readShort } from './read-json.ts'
import { send } from './send.ts'

const maxBodyBytes = 16 * 1024

/**
 * `/token`: by GET as docker's token specification has it, by POST as its OAuth 2 one. Whoever brings nothing gets
 * a token for what everybody may; whoever brings something wrong is refused, since that is how clients learn
 * whether a login is right.
 */
export async function answerToken(
  c: RequestContext,
  authentication: Authentication,
): Promise<Response> {
  const isForm = c.req.method === 'POST'
  const parameters = isForm ? await readForm(c) : new URL(c.req.url).searchParams
  const found = isForm
    ? await identifyByForm(c, authentication, parameters)
    : await identify(c, authentication)
  refuseShortLived(found)
  const scopes = readScopes(parameters.getAll('scope'))
  const { token, issuedAt, expiresInSeconds } = await authentication.logins.issue(
    found.identity,
    scopes,
  )
  const body = {
    token,
    access_token: token,
    expires_in: expiresInSeconds,
    issued_at: new Date(issuedAt).toISOString(),
  }
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }
  return send(c, { status: 200, headers, body: JSON.stringify(body) })
}

async function readForm(c: RequestContext): Promise<URLSearchParams> {
  const type = c.env.incoming.headers['content-type'] ?? ''
  const text = await readShort(c, maxBodyBytes)
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) return new URLSearchParams(text)
  throw refused('wanted a form: Content-Type: application/x-www-form-urlencoded')
}

async function identifyByForm(
  c: RequestContext,
  { logins, known }: Authentication,
  form: URLSearchParams,
): Promise<Identified> {
  const credentials = readGrant(form)
  if (!logins.exist && !isOfOurs(credentials)) return nobody
  const found = await known.identify(`form ${JSON.stringify(credentials)}`, credentials, askerOf(c))
  noteCaller(c, found.caller)
  return found
}

function readGrant(form: URLSearchParams): Credentials {
  const type = form.get('grant_type')
  if (type === 'password')
    return {
      kind: 'password',
      user: form.get('username') ?? '',
      password: form.get('password') ?? '',
    }
  // The only thing we give that lasts is a token that was made by hand.
  const token = form.get('refresh_token') ?? ''
  if (type === 'refresh_token' && parseToken(token)) return { kind: 'bearer', token }
  throw refused(
    'wanted grant_type=password with username and password, or grant_type=refresh_token with a token of "entrepot token create"',
  )
}

/** Else one could be made new for ever, whatever became of the login that it began with. */
function refuseShortLived({ caller }: Identified): void {
  if (caller.scopes === undefined) return
  const what = 'a token of /token gets no other: wanted a user and a password, or a lasting token'
  throw new RegistryError('UNAUTHORIZED', what)
}

/** Clients then try GET (RFC 6749 §5.2). */
function refused(what: string): RegistryError {
  return new RegistryError('UNSUPPORTED', what, { status: 400 })
}
