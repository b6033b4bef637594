import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Logger } from 'pino'
import type { Caller } from '../access/caller.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { addAccounts } from './accounts-api.ts'
import { addAdministration } from './administration-api.ts'
import { addAdvice } from './advice-api.ts'
import { type Authentication, askerOf, identify, noteCaller } from './authentication.ts'
import { addBudget } from './budget-api.ts'
import { addCare } from './care-api.ts'
import { addCatalog } from './catalog-api.ts'
import { listPaths } from './described-routes.ts'
import type { Environment, RequestContext } from './environment.ts'
import type { ErrorBoundary } from './error-response.ts'
import { addEvents } from './events-api.ts'
import { addEvictions } from './evictions-api.ts'
import { addHosted } from './hosted-api.ts'
import { describeApi } from './openapi.ts'
import { addPasswords } from './password-api.ts'
import { readShort } from './read-json.ts'
import { addReports } from './report-api.ts'
import type { Rooms } from './rooms.ts'
import { addSession } from './session-api.ts'
import { readSession, refuseOtherPages } from './session-cookie.ts'
import { addSpace } from './space-api.ts'
import { addUpstreams } from './upstreams-api.ts'
import { addWarming } from './warm-api.ts'

const maxBodyBytes = 4096

type Asked = Rooms & {
  readonly logger: Logger
  readonly now: () => number
}

/**
 * The JSON API under `/api/v1`: what is kept, how the upstreams do, and whether any is asked. Its errors
 * are `{"error": "what was found, and what to do"}`.
 */
export function createApi(asked: Asked, handleErrors: ErrorBoundary): Hono<Environment> {
  const { mirror, access } = asked
  const api = new Hono<Environment>()
  api.onError(handleErrors(refuseWith))
  api.use(async (c, next) => {
    // What is told depends on who asks, and from where.
    c.header('Cache-Control', 'no-store')
    refuseOtherPages(c)
    c.set('caller', await findApiCaller(c, asked.authentication))
    await next()
  })
  api.get('/offline', async (c) => {
    access.requireReader(c.get('caller'))
    return c.json(await describeOffline(mirror))
  })
  api.post('/offline', (c) => {
    access.requireAdmin(c.get('caller'))
    return switchOffline(c, mirror)
  })
  addUpstreams(api, asked)
  addCatalog(api, asked)
  addHosted(api, asked)
  addSpace(api, asked)
  addWarming(api, asked)
  addEvictions(api, asked)
  addCare(api, asked)
  addReports(api, asked)
  addBudget(api, asked)
  addSession(api, asked)
  addAccounts(api, asked)
  addPasswords(api, asked)
  addAdministration(api, asked)
  addAdvice(api, asked)
  addEvents(api, { ...asked, findCaller: (c) => findApiCaller(c, asked.authentication) })
  api.get('/openapi.json', (c) => c.json(describeApi()))
  api.all('*', (c) => refuse(c, 404, `nothing is here: there are ${listPaths()}`))
  return api
}

/** What a token of `/token` is for, the registry's part of HTTP has a say in; here it would be for everything. */
async function findApiCaller(c: RequestContext, authentication: Authentication): Promise<Caller> {
  const hasHeader = c.env.incoming.headers.authorization !== undefined
  const session = hasHeader ? undefined : await findSession(c, authentication)
  const caller = session ?? (await identify(c, authentication)).caller
  if (caller.scopes === undefined) return caller
  const what = 'a token of /token is for /v2/ alone: wanted one of "entrepot token create"'
  throw new RegistryError('UNAUTHORIZED', what)
}

/** Looked up each time: who logs out is out. One that has ended is none. */
async function findSession(
  c: RequestContext,
  { logins }: Authentication,
): Promise<Caller | undefined> {
  const token = readSession(c)
  if (token === undefined) return undefined
  try {
    const { caller } = await logins.identify({ kind: 'bearer', token }, askerOf(c))
    noteCaller(c, caller)
    return caller
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'UNAUTHORIZED') return undefined
    throw error
  }
}

/** 400 for what can't be read, 409 where mirrors.yaml says otherwise. */
async function switchOffline(c: RequestContext, mirror: AnyMirror): Promise<Response> {
  const isOn = readSwitch(await readShort(c, maxBodyBytes))
  if (isOn === undefined) {
    return refuse(c, 400, 'wanted as the body: {"offline": true} or {"offline": false}')
  }
  c.get('facts').subject = isOn ? 'on' : 'off'
  if (!isOn && (await mirror.describeOffline()).isConfigured) {
    return refuse(c, 409, 'mirrors.yaml says offline: true; change it there')
  }
  await mirror.switchOffline(isOn)
  return c.json(await describeOffline(mirror))
}

function readSwitch(text: string): boolean | undefined {
  try {
    const body: unknown = JSON.parse(text)
    const isObject = typeof body === 'object' && body !== null && 'offline' in body
    return isObject && typeof body.offline === 'boolean' ? body.offline : undefined
  } catch {
    return undefined
  }
}

async function describeOffline(mirror: AnyMirror) {
  const { isOffline, isConfigured } = await mirror.describeOffline()
  return { offline: isOffline, configured: isConfigured }
}

function refuseWith(c: RequestContext, error: RegistryError): Response {
  const { status, message, retryAfterSeconds } = error
  // Not the registry's challenge: its tokens are good for nothing here, and a browser is to ask for no password.
  if (status === 401) c.header('WWW-Authenticate', 'Bearer realm="entrepot"')
  if (retryAfterSeconds !== undefined) c.header('Retry-After', String(retryAfterSeconds))
  return refuse(c, status, message)
}

function refuse(c: RequestContext, status: ContentfulStatusCode, error: string): Response {
  c.get('facts').error = error
  return c.json({ error }, status)
}
