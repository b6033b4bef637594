import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import type { Caller } from '../access/caller.ts'
import type { SessionAnswer } from '../answers/session.ts'
import { type Authentication, askerOf, noteCaller } from './authentication.ts'
import type { Environment, RequestContext } from './environment.ts'
import { readHidden, readHiddenBody } from './hidden-body.ts'
import { readSession, sessionCookie } from './session-cookie.ts'

type Asked = { readonly access: Access; readonly authentication: Authentication }

const wanted = '{"user": "alice", "password": "..."}'

/** Logins of browsers: who I am, login and logout, at `/session`. */
export function addSession(api: Hono<Environment>, asked: Asked): void {
  api.get('/session', (c) => c.json(describe(c.get('caller'), asked)))
  api.post('/session', (c) => begin(c, asked))
  api.delete('/session', (c) => end(c, asked))
}

/** `{"user": "alice", "password": "..."}` */
async function begin(c: RequestContext, asked: Asked): Promise<Response> {
  const fields = await readHiddenBody(c, ['user', 'password'], wanted)
  const [user, password] = [readHidden(fields, 'user'), readHidden(fields, 'password')]
  const { logins } = asked.authentication
  const credentials = { kind: 'password', user, password } as const
  const { caller, identity } = await logins.identify(credentials, askerOf(c))
  noteCaller(c, caller)
  const { token, expiresInSeconds } = await logins.beginSession(identity)
  c.header('Set-Cookie', sessionCookie(c, token, expiresInSeconds))
  return c.json(describe(caller, asked))
}

async function end(c: RequestContext, { authentication, ...asked }: Asked): Promise<Response> {
  const token = readSession(c)
  if (token !== undefined) await authentication.logins.endSession(token)
  c.header('Set-Cookie', sessionCookie(c, '', 0))
  return c.json(describe({ kind: 'anonymous' }, { authentication, ...asked }))
}

function describe(caller: Caller, { access, authentication }: Asked): SessionAnswer {
  const isNamed = caller.kind === 'user' || caller.kind === 'token'
  return {
    kind: caller.kind,
    ...(isNamed && { name: caller.name }),
    admin: access.decideEverything(caller, 'admin').isAllowed,
    canLogIn: authentication.logins.exist,
  }
}
