import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import type { RequestFacts } from './environment.ts'
import type { TrustedProxies } from './outside.ts'

/** Questions of health, and of metrics, are asked every few seconds and say nothing. */
const quietPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])
const maxPathLength = 300

/** Logs each request once, when its answer has gone out or its connection has. Headers are never logged: they may hold secrets. */
export class RequestLog {
  readonly #logger: Logger
  readonly #proxies: TrustedProxies

  constructor(logger: Logger, proxies: TrustedProxies) {
    this.#logger = logger
    this.#proxies = proxies
  }

  /** `facts` are what the line will say besides; they may be added to until the connection is done with it. */
  begin(incoming: IncomingMessage, outgoing: ServerResponse, facts: RequestFacts): void {
    const startedAt = performance.now()
    // Read now: a socket that broke has no address any more.
    const client = this.#proxies.clientOf(incoming)
    outgoing.once('close', () => {
      const path = plainPath(incoming.url ?? '')
      const level = levelOf(path, outgoing)
      if (!this.#logger.isLevelEnabled(level)) return
      const line = {
        client,
        method: incoming.method,
        ...describe(facts),
        bytes: sentBytes(outgoing, facts),
        // A client that left before there was an answer got no status.
        ...(outgoing.headersSent ? { status: outgoing.statusCode } : {}),
        ms: Math.round(performance.now() - startedAt),
        ...(outgoing.writableFinished ? {} : { broken: true }),
      }
      this.#logger[level](line, `${incoming.method} ${path}`)
    })
  }
}

/** What is hosted is of no upstream. */
function describe({ own, upstream, repository, ...facts }: RequestFacts) {
  return facts.cache === 'hosted'
    ? { repository: own ?? repository, ...facts }
    : { upstream, repository, ...facts }
}

/**
 * An answer that streams is ended when all of it has left: one that was ended and didn't finish was
 * handed over whole, and how much of it had left nobody can tell.
 */
function sentBytes(outgoing: ServerResponse, { bytes }: RequestFacts): number {
  return outgoing.writableEnded && !outgoing.writableFinished ? 0 : bytes
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
