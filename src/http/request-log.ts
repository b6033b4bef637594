import type { ServerResponse } from 'node:http'
import { createMiddleware } from 'hono/factory'
import type { Logger } from 'pino'
import type { Environment, RequestFacts } from './environment.ts'

/** Questions of health are asked every few seconds and say nothing. */
const quietPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz'])
const maxPathLength = 300

/** Logs each request once, when its answer has gone out or its connection has. Headers are never logged: they may hold secrets. */
export function logRequests(logger: Logger) {
  return createMiddleware<Environment>(async (c, next) => {
    const { incoming, outgoing } = c.env
    const startedAt = performance.now()
    // Read now: a socket that broke has no address any more.
    const client = clientAddress(incoming.socket.remoteAddress)
    const facts: RequestFacts = { bytes: 0 }
    c.set('facts', facts)
    outgoing.once('close', () => {
      const line = {
        client,
        method: incoming.method,
        ...facts,
        // A client that left before there was an answer got no status.
        ...(outgoing.headersSent ? { status: outgoing.statusCode } : {}),
        ms: Math.round(performance.now() - startedAt),
        ...(outgoing.writableFinished ? {} : { broken: true }),
      }
      const path = pathWithoutQuery(incoming.url ?? '')
      logger[levelOf(path, outgoing)](line, `${incoming.method} ${path}`)
    })
    await next()
  })
}

function levelOf(path: string, outgoing: ServerResponse): 'debug' | 'info' | 'warn' {
  if (quietPaths.has(path)) return 'debug'
  return outgoing.statusCode >= 500 ? 'warn' : 'info'
}

/** Queries may carry tokens. */
function pathWithoutQuery(url: string): string {
  const path = url.split('?', 1)[0] ?? ''
  return path.length > maxPathLength ? `${path.slice(0, maxPathLength)}…` : path
}

function clientAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:/, '') ?? 'gone'
}
