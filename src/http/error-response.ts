import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { ErrorHandler } from 'hono'
import type { Logger } from 'pino'
import { RegistryError } from '../oci/registry-error.ts'
import { challengeOf } from './challenge.ts'
import type { Environment, RequestContext } from './environment.ts'
import { dockerApiVersion, entrepotCache } from './header-names.ts'
import { errorBody } from './malformed-request.ts'
import { send } from './send.ts'

/** Makes what catches errors, by how they are written. */
export type ErrorBoundary = (write: WriteError) => ErrorHandler<Environment>

type WriteError = (c: RequestContext, error: RegistryError) => Response

/**
 * The one place where an error becomes an answer (distribution-spec §Error Codes), and is logged.
 * What isn't a RegistryError is our own fault: the client learns nothing of it but that.
 */
export function createErrorBoundary(logger: Logger): ErrorBoundary {
  return (write) => (error, c) => {
    if (error instanceof RegistryError) {
      if (error.cause) logger.debug({ err: error }, error.message)
      return write(c, error)
    }
    if (error === c.env.incoming.errored) return leave(c)
    logger.error({ err: error }, 'a request failed through a fault of our own')
    const own = new RegistryError('UNKNOWN', "the server couldn't do it; its log says why")
    return write(c, own)
  }
}

/** Of whoever left while the body still came. */
function leave(c: RequestContext): Response {
  c.get('facts').error = 'the client left before all of its body had come'
  c.env.outgoing.destroy()
  return RESPONSE_ALREADY_SENT
}

export function errorResponse(
  c: RequestContext,
  error: RegistryError,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const facts = c.get('facts')
  facts.error = `${error.code}: ${error.message}`
  facts.cache ??= error.isHosted ? 'hosted' : 'miss'
  const body = errorBody(error.code, error.message)
  const all: Record<string, string> = {
    'Content-Type': 'application/json',
    [dockerApiVersion]: 'registry/2.0',
    [entrepotCache]: facts.cache,
    ...headers,
  }
  if (error.status === 401) all['WWW-Authenticate'] = challengeOf(c, c.get('wanted'))
  if (error.retryAfterSeconds !== undefined) all['Retry-After'] = String(error.retryAfterSeconds)
  return send(c, { status: error.status, headers: all, body })
}
