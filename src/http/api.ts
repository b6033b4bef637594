import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Logger } from 'pino'
import type { Access } from '../access/access.ts'
import type { AnyCatalog } from '../catalog/any-catalog.ts'
import type { AnyHosted } from '../hosted/any-hosted.ts'
import type { AnyMirror } from '../mirror/any-mirror.ts'
import type { AnySpace } from '../space/any-space.ts'
import { addCatalog } from './catalog-api.ts'
import type { Environment, RequestContext } from './environment.ts'
import type { ErrorBoundary } from './error-response.ts'
import { addHosted } from './hosted-api.ts'
import { callerOf, isFromThisMachine } from './own-machine.ts'
import { readShort } from './read-json.ts'
import { addSpace } from './space-api.ts'

const maxBodyBytes = 4096

type Asked = {
  readonly mirror: AnyMirror
  readonly catalog: AnyCatalog
  readonly hosted: AnyHosted
  readonly space: AnySpace
  readonly access: Access
  readonly logger: Logger
}

/**
 * The JSON API under `/api/v1`: what is kept, how the upstreams do, and whether any is asked. Its errors
 * are `{"error": "what was found, and what to do"}`.
 */
export function createApi(asked: Asked, handleErrors: ErrorBoundary): Hono<Environment> {
  const { mirror, access } = asked
  const api = new Hono<Environment>()
  api.onError(handleErrors((c, { status, message }) => refuse(c, status, message)))
  api.get('/upstreams', async (c) => {
    access.requireReader(callerOf(c))
    return c.json({ upstreams: await mirror.describeUpstreams() })
  })
  api.get('/offline', async (c) => {
    access.requireReader(callerOf(c))
    return c.json(await describeOffline(mirror))
  })
  api.post('/offline', (c) => switchOffline(c, mirror))
  addCatalog(api, asked)
  addHosted(api, asked)
  addSpace(api, asked)
  const paths =
    '/repositories, /images, /image, /remove, /prune, /copy, /space, /evict, /why, /pins, /pin, /unpin, /upstreams and /offline'
  api.all('*', (c) => refuse(c, 404, `nothing is here: there are ${paths}`))
  return api
}

/** 403 for who may not, 400 for what can't be read, 409 where mirrors.yaml says otherwise. */
async function switchOffline(c: RequestContext, mirror: AnyMirror): Promise<Response> {
  if (!isFromThisMachine(c.env.incoming)) {
    const what =
      'only from the machine that the server runs on, by its address or as localhost, and not through a proxy'
    return refuse(c, 403, `${what}; or set offline: in mirrors.yaml`)
  }
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

function refuse(c: RequestContext, status: ContentfulStatusCode, error: string): Response {
  c.get('facts').error = error
  return c.json({ error }, status)
}
