import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { type Challenge, parseChallenge } from './challenge.ts'
import { checkStatus } from './check-status.ts'
import { basicAuthorization, type Credentials } from './credentials.ts'
import { isOwnRealm } from './host-policy.ts'
import type { LoginState } from './login-state.ts'
import { registrableDomain } from './registrable-domain.ts'
import { discardBody } from './response-body.ts'
import { fetchToken } from './token.ts'
import { type Token, TokenCache } from './token-cache.ts'
import type { Transport } from './transport.ts'
import { UpstreamError } from './upstream-error.ts'
import { within } from './within.ts'
import { withoutNames } from './without-names.ts'

/** One URL of an upstream, and with what it is asked. */
export type EndpointSettings = {
  readonly upstream: UpstreamName
  readonly baseUrl: URL
  readonly credentials: Credentials | undefined
  readonly transport: Transport
  readonly elapsedMs: () => number
  /** Ends what it asks sooner than its own deadlines do. */
  readonly signal?: AbortSignal
}

const baseDeadlineMs = 30_000

/**
 * How one registry wants to be asked, and what to answer it. The challenge is learned from `/v2/`
 * and then kept: nvcr.io names another realm, of no use to us, once a token has expired.
 */
export class Authenticator {
  readonly #settings: EndpointSettings
  readonly #tokens: TokenCache
  #challenge: Promise<Challenge> | undefined
  #scheme: Challenge['scheme'] | undefined
  #refusal: { readonly reason: string; readonly at: number } | undefined

  constructor(settings: EndpointSettings) {
    this.#settings = settings
    this.#tokens = new TokenCache(settings.elapsedMs)
  }

  /** The Authorization header for pulling from a repository, or undefined where none is wanted. */
  async authorize(repository: Repository): Promise<string | undefined> {
    const challenge = await this.#learn()
    const { credentials } = this.#settings
    if (challenge.scheme === 'none') return undefined
    if (challenge.scheme === 'basic') return credentials && basicAuthorization(credentials)
    const scope = `repository:${repository}:pull`
    const fetch = () => this.#fetchToken(challenge, scope)
    try {
      return `Bearer ${await this.#tokens.get(scope, fetch)}`
    } catch (error) {
      // Perhaps the token service has moved: the next request asks `/v2/` again.
      if (error instanceof UpstreamError && error.kind === 'invalid') this.forgetChallenge()
      throw error
    }
  }

  /** Whether it takes our login, or us without one. Throws UpstreamError where it doesn't. */
  async checkLogin(): Promise<'accepted' | 'anonymous'> {
    const challenge = await this.#learn()
    const { credentials, transport, baseUrl, upstream } = this.#settings
    if (!credentials || challenge.scheme === 'none') return 'anonymous'
    if (challenge.scheme === 'bearer') await this.#fetchToken(challenge)
    if (challenge.scheme === 'basic') {
      const response = await transport.send({
        method: 'GET',
        url: new URL('/v2/', baseUrl),
        authorization: basicAuthorization(credentials),
        followRedirects: false,
        signal: within(baseDeadlineMs, this.#settings.signal),
      })
      await discardBody(response.body)
      checkStatus(upstream, response)
    }
    return 'accepted'
  }

  /** How it knows us; never a secret. */
  describe(): LoginState {
    const { credentials, elapsedMs } = this.#settings
    const refusal = this.#refusal
    const agoSeconds = refusal && Math.round((elapsedMs() - refusal.at) / 1000)
    return {
      configured: credentials !== undefined,
      ...(credentials && { username: credentials.username }),
      ...(this.#scheme && { scheme: this.#scheme }),
      ...this.#tokens.describe(),
      ...(refusal && { refused: { agoSeconds: agoSeconds ?? 0, reason: refusal.reason } }),
    }
  }

  /** The Authorization for nothing in particular, where one is to be had. Throws UpstreamError. */
  async authorizeBase(): Promise<{
    readonly scheme: Challenge['scheme']
    readonly authorization: string | undefined
  }> {
    const challenge = await this.#learn()
    const { credentials } = this.#settings
    const { scheme } = challenge
    if (challenge.scheme === 'bearer') {
      const { value } = await this.#fetchToken(challenge)
      return { scheme, authorization: `Bearer ${value}` }
    }
    const isBasic = scheme === 'basic' && credentials !== undefined
    return { scheme, authorization: isBasic ? basicAuthorization(credentials) : undefined }
  }

  /**
   * After a 401: whether asking once more makes sense, because a token was spent or because the
   * registry challenges here though its `/v2/` didn't.
   */
  async reconsider(
    repository: Repository,
    refused: { authorization: string | undefined; challenge: string | undefined },
  ): Promise<boolean> {
    const known = await this.#challenge
    if (known?.scheme === 'bearer' && refused.authorization !== undefined) {
      this.#tokens.drop(
        `repository:${repository}:pull`,
        refused.authorization.slice('Bearer '.length),
      )
      return true
    }
    const offered = parseChallenge(refused.challenge)
    // Refused with what it asked for and still asks for: nothing better can be sent.
    if (refused.authorization !== undefined && offered?.scheme === known?.scheme) {
      this.#noteRefusal('refuses the username and password (401)')
      return false
    }
    // Without one, another request may have learned the challenge while this one was on its way.
    const isLearned = refused.authorization === undefined && known && known.scheme !== 'none'
    const challenge = isLearned ? known : offered
    if (!challenge) return false
    this.#challenge = Promise.resolve(await this.#check(challenge))
    this.#scheme = challenge.scheme
    return challenge.scheme === 'bearer' || this.#settings.credentials !== undefined
  }

  /** A fresh token was refused, or none is given: what was learned is no longer true. */
  forgetChallenge(): void {
    this.#challenge = undefined
  }

  #learn(): Promise<Challenge> {
    if (!this.#challenge) {
      const learning = this.#askBase()
      this.#challenge = learning
      learning.then(
        ({ scheme }) => {
          this.#scheme = scheme
        },
        () => {
          if (this.#challenge === learning) this.#challenge = undefined
        },
      )
    }
    return this.#challenge
  }

  async #fetchToken(
    challenge: Challenge & { readonly scheme: 'bearer' },
    scope?: string,
  ): Promise<Token> {
    try {
      return await fetchToken({ ...this.#settings, challenge, ...(scope && { scope }) })
    } catch (error) {
      const isRefusal = error instanceof UpstreamError && error.kind === 'denied'
      if (isRefusal) this.#noteRefusal(error.message.slice(error.upstream.length + 1))
      throw error
    }
  }

  #noteRefusal(reason: string): void {
    this.#refusal = { reason: withoutNames(reason), at: this.#settings.elapsedMs() }
  }

  /** distribution-spec §Determining Support. Asked once for all, so with a deadline of its own. */
  async #askBase(): Promise<Challenge> {
    const { transport, baseUrl, upstream } = this.#settings
    const response = await transport.send({
      method: 'GET',
      url: new URL('/v2/', baseUrl),
      signal: within(baseDeadlineMs, this.#settings.signal),
    })
    await discardBody(response.body)
    if (response.status !== 401) {
      if (response.status === 429 || response.status >= 500) checkStatus(upstream, response)
      return { scheme: 'none' }
    }
    return this.#check(parseChallenge(response.header('www-authenticate')) ?? { scheme: 'none' })
  }

  async #check(challenge: Challenge): Promise<Challenge> {
    if (challenge.scheme !== 'bearer') return challenge
    const { baseUrl, upstream } = this.#settings
    // Of anything else a path of the registry's would be made, perhaps with what a secret is repeated in.
    const isUrl = /^(?:https?:|\/)/i.test(challenge.realm)
    const realm =
      isUrl && URL.canParse(challenge.realm, baseUrl)
        ? new URL(challenge.realm, baseUrl)
        : undefined
    if (realm && (await isOwnRealm(realm, baseUrl))) return { ...challenge, realm: realm.href }
    const domain = (await registrableDomain(baseUrl.hostname)) ?? baseUrl.hostname
    const what = `wants a token from ${realm?.host ?? 'an unreadable address'}, which isn't under ${domain}; nothing was sent there`
    throw new UpstreamError(upstream, 'invalid', what)
  }
}
