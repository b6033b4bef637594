import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import type { AnyAdministration } from '../access/any-administration.ts'
import type { Caller } from '../access/caller.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { type Authentication, askerOf } from './authentication.ts'
import type { Environment, RequestContext } from './environment.ts'
import { readHidden, readHiddenBody } from './hidden-body.ts'
import { readSession, sessionCookie } from './session-cookie.ts'

type Asked = {
  readonly administration: AnyAdministration
  readonly access: Access
  readonly authentication: Authentication
}

/** One's own password is one's own affair, and everybody's an admin's: `/users/password`. */
export function addPasswords(api: Hono<Environment>, asked: Asked): void {
  api.post('/users/password', (c) => changePassword(c, asked))
}

/** `{"user": "alice", "oldPassword": "...", "password": "..."}`: an admin needs no old one of somebody else. */
async function changePassword(c: RequestContext, asked: Asked): Promise<Response> {
  const caller = c.get('caller')
  if (caller.kind === 'anonymous')
    throw new RegistryError('UNAUTHORIZED', 'log in first: a password is changed by who has it')
  const wanted = '{"user": "alice", "oldPassword": "...", "password": "..."}'
  const fields = await readHiddenBody(c, ['user', 'oldPassword', 'password'], wanted)
  const user = readHidden(fields, 'user')
  c.get('facts').subject = user
  const isOwn = isNameOf(caller, user)
  if (isOwn) await requirePassword(c, asked, { user, password: readHidden(fields, 'oldPassword') })
  else asked.access.requireAccountsAdmin(caller)
  const password = readHidden(fields, 'password')
  await asked.administration.accounts.changePassword(user, password)
  // The browser's login ended with the old password.
  if (isOwn && readSession(c) !== undefined) await beginAgain(c, asked, { user, password })
  return c.json({ user })
}

type Login = { readonly user: string; readonly password: string }

/** Throws RegistryError as a login does; 403, since who asks is logged in all the same. */
async function requirePassword(
  c: RequestContext,
  { authentication }: Asked,
  login: Login,
): Promise<void> {
  const { identity } = await identify(c, authentication, login).catch((error: unknown) => {
    const isWrong = error instanceof RegistryError && error.code === 'UNAUTHORIZED'
    throw isWrong ? new RegistryError('DENIED', 'the old password is wrong') : error
  })
  // A token, which takes a password's place elsewhere, doesn't here.
  if (!identity.startsWith('user:')) throw new RegistryError('DENIED', 'the old password is wrong')
}

async function beginAgain(
  c: RequestContext,
  { authentication }: Asked,
  login: Login,
): Promise<void> {
  const { identity } = await identify(c, authentication, login)
  const { token, expiresInSeconds } = await authentication.logins.beginSession(identity)
  c.header('Set-Cookie', sessionCookie(c, token, expiresInSeconds))
}

function identify(c: RequestContext, { logins }: Authentication, login: Login) {
  return logins.identify({ kind: 'password', ...login }, askerOf(c))
}

export function isNameOf(caller: Caller, user: string): boolean {
  return caller.kind === 'user' && caller.name === user
}
