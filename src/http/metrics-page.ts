import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Access } from '../access/access.ts'
import type { Caller } from '../access/caller.ts'
import type { AnyMetrics } from '../metrics/any-metrics.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { type Authentication, identify } from './authentication.ts'
import type { Environment, RequestContext } from './environment.ts'
import type { ErrorBoundary } from './error-response.ts'

type Asked = {
  readonly metrics: AnyMetrics
  readonly access: Access
  readonly authentication: Authentication
}

/** What Prometheus scrapes, for whoever may be told how the server does. */
export function createMetrics(
  { metrics, access, authentication }: Asked,
  handleErrors: ErrorBoundary,
): Hono<Environment> {
  const page = new Hono<Environment>()
  page.onError(handleErrors(refuseWith))
  page.get('/', async (c) => {
    access.requireReader(await findScraper(c, authentication))
    const { contentType, text } = await metrics.scrape()
    return c.body(text, 200, { 'Content-Type': contentType })
  })
  return page
}

async function findScraper(c: RequestContext, authentication: Authentication): Promise<Caller> {
  const { caller } = await identify(c, authentication)
  if (caller.scopes === undefined) return caller
  const what = 'a token of /token is for /v2/ alone: wanted one of "entrepot token create"'
  throw new RegistryError('UNAUTHORIZED', what)
}

/** For people, who look at it where a scrape fails. */
function refuseWith(
  c: RequestContext,
  { status, message, retryAfterSeconds }: RegistryError,
): Response {
  c.get('facts').error = message
  // As of the API: Prometheus sends what it was given unasked, and a browser is to ask for no password.
  if (status === 401) c.header('WWW-Authenticate', 'Bearer realm="entrepot"')
  if (retryAfterSeconds !== undefined) c.header('Retry-After', String(retryAfterSeconds))
  return c.text(`${message}\n`, status as ContentfulStatusCode)
}
