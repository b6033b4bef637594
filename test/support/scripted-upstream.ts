import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { answerUsually } from './scripted-answer.ts'
import { ScriptedRepository } from './scripted-content.ts'
import type { Answer, ReceivedRequest } from './scripted-exchange.ts'
import { sendAnswer } from './scripted-sending.ts'

/** Changes what the upstream would answer; whatever it waits for delays the answer. */
export type Behaviour = (usual: Answer, request: ReceivedRequest) => Answer | Promise<Answer>

/** `GET /v2/team/app/manifests/1`, without the query; or a pattern for the same, with the query. */
export type RequestMatch = string | RegExp

interface Script {
  readonly match: RequestMatch
  readonly behaviour: Behaviour
}

/**
 * A registry's pull side as a real HTTP server on a port of its own. It serves the content that a
 * test gives it, keeps every request it received, and misbehaves as the test says.
 */
export class ScriptedUpstream {
  /** Every request, in the order of arrival. */
  readonly requests: ReceivedRequest[] = []
  readonly #scheme: 'http' | 'https'
  readonly #server: ReturnType<typeof createServer>
  readonly #repositories = new Map<string, ScriptedRepository>()
  readonly #scripts: Script[] = []
  readonly #bytesSent = new Map<ReceivedRequest, number>()
  #openResponses = 0
  #openConnections = 0
  #arrived = Promise.withResolvers<void>()
  #port = 0

  private constructor(tls?: { cert: string; key: string }) {
    const listener = (incoming: IncomingMessage, response: ServerResponse) =>
      void this.#answer(incoming, response)
    this.#scheme = tls ? 'https' : 'http'
    this.#server = tls ? createTlsServer(tls, listener) : createServer(listener)
    this.#server.on('connection', (socket) => {
      this.#openConnections++
      socket.once('close', () => this.#openConnections--)
    })
  }

  static async start(tls?: { cert: string; key: string }): Promise<ScriptedUpstream> {
    const upstream = new ScriptedUpstream(tls)
    await upstream.start()
    return upstream
  }

  get port(): number {
    return this.#port
  }

  /** Also those that nothing is asked on at the moment. */
  get openConnections(): number {
    return this.#openConnections
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`
  }

  /** The same server under a name that is another host to whoever asks. */
  get otherUrl(): string {
    return `${this.#scheme}://localhost:${this.#port}`
  }

  /** Requests that are being answered, as long as their clients stay. */
  get openResponses(): number {
    return this.#openResponses
  }

  /** The repository of that name, made at its first mention. */
  repository(name: string): ScriptedRepository {
    const known = this.#repositories.get(name) ?? new ScriptedRepository()
    this.#repositories.set(name, known)
    return known
  }

  /** Every script that matches changes what those before it made of the answer. Gives what takes it back. */
  script(match: RequestMatch, behaviour: Behaviour): () => void {
    const script = { match, behaviour }
    this.#scripts.push(script)
    return () => void this.#scripts.splice(this.#scripts.indexOf(script), 1)
  }

  find(match: RequestMatch): readonly ReceivedRequest[] {
    return this.requests.filter((request) => isMatch(match, request))
  }

  count(match: RequestMatch): number {
    return this.find(match).length
  }

  /** The Range header of every matching request, in the order of arrival. */
  rangesOf(match: RequestMatch): readonly (string | undefined)[] {
    return this.find(match).map(({ headers }) => headers.range)
  }

  /**
   * Bytes of body that have left in answer to all matching requests. They may still be on their
   * way: the system's buffers hold some MB where nobody takes them.
   */
  bytesSent(match: RequestMatch): number {
    const counts = this.find(match).map((request) => this.#bytesSent.get(request) ?? 0)
    return counts.reduce((sum, bytes) => sum + bytes, 0)
  }

  /** Resolves once so many matching requests have arrived. */
  async received(match: RequestMatch, count = 1): Promise<void> {
    while (this.count(match) < count) await this.#arrived.promise
  }

  /** Breaks every connection and refuses new ones; `start` brings it back at the same address. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async start(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = incoming
    const request = { method, url, headers }
    this.requests.push(request)
    this.#openResponses++
    response.once('close', () => this.#openResponses--)
    this.#arrived.resolve()
    this.#arrived = Promise.withResolvers()
    let answer = answerUsually(this.#repositories, request)
    const scripts = this.#scripts.filter(({ match }) => isMatch(match, request))
    for (const { behaviour } of scripts) answer = await behaviour(answer, request)
    const onSent = (bytes: number) =>
      void this.#bytesSent.set(request, bytes + (this.#bytesSent.get(request) ?? 0))
    await sendAnswer(method, answer, { response, onSent })
  }
}

const isMatch = (match: RequestMatch, { method, url }: ReceivedRequest): boolean =>
  typeof match === 'string'
    ? match === `${method} ${url.split('?', 1)[0]}`
    : match.test(`${method} ${url}`)
