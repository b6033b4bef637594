import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { RequestFacts } from './environment.ts'
import { isBroken, type RequestMeter, sentBytes } from './request-meter.ts'

/** Questions of health, and of metrics, are asked every few seconds and say nothing. */
const quietPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])
const maxPathLength = 300

/**
 * Logs each request once, and counts it, when its answer has gone out or its connection has. Headers are never
 * logged: they may hold secrets.
 */
export class RequestLog {
  readonly #logger: Logger
  readonly #meter: RequestMeter

  constructor(logger: Logger, meter: RequestMeter) {
    this.#logger = logger
    this.#meter = meter
  }

  /** `facts` are what the line will say besides; they may be added to until the connection is done with it. */
  begin(incoming: IncomingMessage, outgoing: ServerResponse, facts: RequestFacts): void {
    const startedAt = performance.now()
    // What is known beforehand is answered from memory: there is nothing to be seen of it under way.
    const followed = facts.asked ? undefined : this.#meter.follow(incoming, outgoing, facts)
    outgoing.once('close', () => {
      const ms = performance.now() - startedAt
      if (followed) this.#meter.end(followed, ms)
      else this.#meter.countWhole(outgoing, facts, ms)
      const path = plainPath(incoming.url ?? '')
      const level = levelOf(path, outgoing)
      if (!this.#logger.isLevelEnabled(level)) return
      const line = {
        client: facts.client,
        method: incoming.method,
        ...describe(facts),
        bytes: sentBytes(outgoing, facts),
        // A client that left before there was an answer got no status.
        ...(outgoing.headersSent ? { status: outgoing.statusCode } : {}),
        ms: Math.round(ms),
        ...(isBroken(outgoing, facts) ? { broken: true } : {}),
      }
      this.#logger[level](line, `${incoming.method} ${path}`)
    })
  }
}

/** What is hosted is of no upstream. */
function describe({ client: _, asked: __, own, upstream, repository, ...facts }: RequestFacts) {
  return facts.cache === 'hosted'
    ? { repository: own ?? repository, ...facts }
    : { upstream, repository, ...facts }
}

function levelOf(path: string, outgoing: ServerResponse): 'debug' | 'info' | 'warn' {
  if (quietPaths.has(path)) return 'debug'
  return outgoing.statusCode >= 500 ? 'warn' : 'info'
}

/** Queries may carry tokens, and an absolute target (RFC 9112 §3.2.2) a login. */
function plainPath(url: string): string {
  const path = url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?]*/i, '').replace(/\?.*$/s, '')
  return path.length > maxPathLength ? `${path.slice(0, maxPathLength)}…` : path
}
