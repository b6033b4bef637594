import type { UpstreamName } from '../oci/upstream-name.ts'
import type { Challenge } from './challenge.ts'
import { checkStatus } from './check-status.ts'
import { basicAuthorization, type Credentials } from './credentials.ts'
import { describeFailure } from './describe-failure.ts'
import { BodyTooLargeError, discardBody, readBody } from './response-body.ts'
import type { Token } from './token-cache.ts'
import type { Transport, TransportResponse } from './transport.ts'
import { UpstreamError } from './upstream-error.ts'
import { within } from './within.ts'

type TokenRequest = {
  readonly upstream: UpstreamName
  readonly challenge: Challenge & { scheme: 'bearer' }
  /** Without one the token opens nothing: it only shows whether the login is right. */
  readonly scope?: string
  readonly credentials: Credentials | undefined
  readonly transport: Transport
  readonly elapsedMs: () => number
  readonly signal?: AbortSignal
}

const maxTokenAnswerBytes = 64 * 1024
const tokenDeadlineMs = 30_000
/** distribution's token specification: where the answer doesn't say, a minute. */
const defaultLifeSeconds = 60

/**
 * Asks the realm for a token, by GET. It serves all who wait for it, so none of them can cancel it;
 * it has its own deadline. A realm's redirect isn't followed: credentials end there.
 */
export async function fetchToken(options: TokenRequest): Promise<Token> {
  const { upstream, challenge, scope, credentials, transport } = options
  const url = new URL(challenge.realm)
  if (challenge.service) url.searchParams.set('service', challenge.service)
  if (scope) url.searchParams.set('scope', scope)
  if (credentials) url.searchParams.set('account', credentials.username)
  const response = await transport.send({
    method: 'GET',
    url,
    authorization: credentials && basicAuthorization(credentials),
    followRedirects: false,
    signal: within(tokenDeadlineMs, options.signal),
  })
  if (response.status === 401 || response.status === 403) {
    await discardBody(response.body)
    const what = credentials ? 'refuses the username and password for' : 'has no anonymous'
    const forWhat = scope ?? 'anything'
    throw new UpstreamError(upstream, 'denied', `${what} ${forWhat} (${response.status})`, {
      status: response.status,
    })
  }
  await checkTokenStatus(upstream, response)
  return readToken(options, await readAnswer(upstream, response.body))
}

/** Whatever else a token service says is no word about an image: never a 404 (a failing service isn't "not found"). */
async function checkTokenStatus(
  upstream: UpstreamName,
  response: TransportResponse,
): Promise<void> {
  const { status } = response
  if (status === 200) return
  await discardBody(response.body)
  if (status === 429 || status >= 500) checkStatus(upstream, response)
  throw new UpstreamError(upstream, 'invalid', `answered ${status} to a token request`, { status })
}

async function readAnswer(upstream: UpstreamName, body: Parameters<typeof readBody>[0]) {
  try {
    return (await readBody(body, maxTokenAnswerBytes)).toString('utf8')
  } catch (error) {
    if (!(error instanceof BodyTooLargeError)) throw describeFailure(upstream, error)
    const what = `answered a token request with more than ${maxTokenAnswerBytes} bytes`
    throw new UpstreamError(upstream, 'invalid', what, { cause: error })
  }
}

function readToken({ upstream, elapsedMs }: TokenRequest, text: string): Token {
  const answer = parseJsonObject(text)
  const value = answer?.token ?? answer?.access_token
  if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) {
    throw new UpstreamError(upstream, 'invalid', 'answered a token request without a token')
  }
  const life = answer?.expires_in
  const lifeSeconds = typeof life === 'number' && life > 0 ? life : defaultLifeSeconds
  return { value, expiresAt: elapsedMs() + lifeSeconds * 1000 }
}

function parseJsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
