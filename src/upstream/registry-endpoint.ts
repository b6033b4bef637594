import { readMediaType } from '../oci/media-type.ts'
import type { Reference } from '../oci/reference.ts'
import { quote } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import { Authenticator, type EndpointSettings } from './authenticator.ts'
import { type Budget, readBudget } from './budget.ts'
import { checkStatus } from './check-status.ts'
import { describeFailure } from './describe-failure.ts'
import type { Purpose } from './dialer.ts'
import { type Failure, FailureTelling } from './failure-telling.ts'
import type { FetchMeter } from './fetch-meter.ts'
import type { LoginState } from './login-state.ts'
import { discardBody } from './response-body.ts'
import { type SilenceSettings, SilenceWatch } from './silence-watch.ts'
import type { Transport, TransportResponse } from './transport.ts'
import { UpstreamError } from './upstream-error.ts'

type Settings = EndpointSettings &
  SilenceSettings & {
    readonly meter: FetchMeter
    readonly onBudget: (budget: Budget) => void
  }

export type EndpointRequest = {
  readonly method: 'GET' | 'HEAD'
  /** With its query, from `/v2/` on. */
  readonly path: string
  readonly repository: Repository
  /** Of a manifest, how it is asked for. */
  readonly reference?: Reference
  readonly headers?: Readonly<Record<string, string>>
  readonly purpose?: Purpose
  readonly signal: AbortSignal
}

type Sending = {
  readonly authorization: string | undefined
  readonly telling: FailureTelling
}

/** distribution-spec §Determining Support, and what registries say that want a login. */
const registryStatuses: ReadonlySet<number> = new Set([200, 401, 403])

/** With these a storage host refuses an expired signature, or HEAD where only GET was signed. */
const storageRefusals: ReadonlySet<number> = new Set([400, 401, 403, 405])

/** The registry sent us to a storage host that refused. */
export class StorageRefusedError extends UpstreamError {
  constructor(upstream: UpstreamName, { status, url }: TransportResponse) {
    super(upstream, 'invalid', `redirected to ${url.host}, which refused (${status})`, { status })
  }
}

/** One URL of an upstream: asks it as it wants to be asked, and gives answers of 200 and 206 only. */
export class RegistryEndpoint {
  readonly baseUrl: URL
  readonly #upstream: UpstreamName
  readonly #transport: Transport
  readonly #authenticator: Authenticator
  readonly #silence: SilenceWatch
  readonly #elapsedMs: () => number
  readonly #onBudget: Settings['onBudget']
  readonly #meter: FetchMeter
  #budget: Budget | undefined

  constructor(settings: Settings) {
    this.baseUrl = settings.baseUrl
    this.#upstream = settings.upstream
    this.#transport = settings.transport
    this.#authenticator = new Authenticator(settings)
    this.#silence = new SilenceWatch(settings)
    this.#elapsedMs = settings.elapsedMs
    this.#onBudget = settings.onBudget
    this.#meter = settings.meter
  }

  /** What it last said of its limit on pulls, if it ever did. */
  get budget(): Budget | undefined {
    return this.#budget
  }

  /**
   * Whether it answers at all, asked for nothing in particular, on a new connection; gives what is
   * odd about a registry's answer. Throws UpstreamError.
   */
  async probe(deadlineMs: number): Promise<string | undefined> {
    const response = await this.#transport.send({
      method: 'GET',
      url: new URL('/v2/', this.baseUrl),
      followRedirects: false,
      purpose: 'probe',
      signal: AbortSignal.timeout(deadlineMs),
    })
    await discardBody(response.body)
    const { status } = response
    if (status === 429 || status >= 500) checkStatus(this.#upstream, response)
    if (status === 200 && response.header('content-type')?.startsWith('text/html')) {
      return 'a page for people'
    }
    return registryStatuses.has(status) ? undefined : String(status)
  }

  /** Whether it takes our login, or us without one. Throws UpstreamError where it doesn't. */
  checkLogin(): Promise<'accepted' | 'anonymous'> {
    return this.#authenticator.checkLogin()
  }

  /** What is known of our login there. */
  describeLogin(): LoginState {
    return this.#authenticator.describe()
  }

  /** Throws UpstreamError. The caller reads or discards the body. */
  async request(options: EndpointRequest): Promise<TransportResponse> {
    const telling = new FailureTelling(options, (failure) => this.#tellOfFailure(options, failure))
    try {
      return await this.#request(options, telling)
    } catch (error) {
      telling.tell(error)
      throw error
    }
  }

  async #request(options: EndpointRequest, telling: FailureTelling): Promise<TransportResponse> {
    const { repository } = options
    const authorization = await this.#authorize(repository)
    const response = await this.#send(options, { authorization, telling })
    if (response.status !== 401 || !this.#isOwn(response)) return this.#accept(response)
    await discardBody(response.body)
    const challenge = response.header('www-authenticate')
    const isWorthAnother = await this.#authenticator.reconsider(repository, {
      authorization,
      challenge,
    })
    if (!isWorthAnother) return this.#accept(response)
    const renewed = await this.#authorize(repository)
    const retried = await this.#send(options, { authorization: renewed, telling })
    if (retried.status === 401) this.#authenticator.forgetChallenge()
    return this.#accept(retried)
  }

  #authorize(repository: Repository): Promise<string | undefined> {
    return this.#silence.watch((heard) => this.#authenticator.authorize(repository).finally(heard))
  }

  async #send(
    options: EndpointRequest,
    { authorization, telling }: Sending,
  ): Promise<TransportResponse> {
    const { path, repository, reference, ...request } = options
    const { method } = request
    const { origin } = this.baseUrl
    const upstream = this.#upstream
    const count = this.#meter.begin({ upstream, origin, repository, method, reference })
    telling.wasSent = true
    const onBytes = (bytes: number) => count.received(bytes)
    let hasAnswered = false
    const onBreak = (error: Error) => {
      if (hasAnswered) telling.tell(describeFailure(upstream, error))
    }
    // Put together as text: a path that begins with two slashes would be resolved to another host.
    const url = new URL(origin + path)
    const response = await this.#silence.watch((onAnswer) =>
      this.#transport.send({ ...request, url, authorization, onAnswer, onBytes, onBreak }),
    )
    hasAnswered = true
    count.answered(response.status, readMediaType(response.header('content-type')))
    if (this.#isOwn(response)) this.#noteBudget(response)
    return response
  }

  #tellOfFailure({ repository }: EndpointRequest, failure: Failure): void {
    const { origin } = this.baseUrl
    this.#meter.failed?.({ upstream: this.#upstream, origin, repository, ...failure })
  }

  #noteBudget(response: TransportResponse): void {
    const budget = readBudget(response, this.#elapsedMs())
    if (budget === undefined) return
    this.#budget = budget
    this.#onBudget(budget)
  }

  async #accept(response: TransportResponse): Promise<TransportResponse> {
    try {
      this.#check(response)
      return response
    } catch (error) {
      await discardBody(response.body)
      throw error
    }
  }

  #check(response: TransportResponse): void {
    // A storage host that refuses its own redirect (an expired signature) is no word of the registry's.
    if (!this.#isOwn(response) && storageRefusals.has(response.status)) {
      throw new StorageRefusedError(this.#upstream, response)
    }
    checkStatus(this.#upstream, response, { isElsewhere: !this.#isOwn(response) })
    const encoding = response.header('content-encoding') ?? 'identity'
    if (encoding !== 'identity') {
      const what = `sent ${quote(encoding)}-encoded content that wasn't asked for`
      throw new UpstreamError(this.#upstream, 'invalid', what)
    }
  }

  #isOwn(response: TransportResponse): boolean {
    return response.url.origin === this.baseUrl.origin
  }
}
