import type { Hono } from 'hono'
import type { Access } from '../access/access.ts'
import type { TokenAccount, UserAccount } from '../access/any-accounts.ts'
import type { AnyAdministration } from '../access/any-administration.ts'
import type { Caller } from '../access/caller.ts'
import { describeRights, type WantedToken } from '../access/new-token.ts'
import type {
  CreatedTokenAnswer,
  TokenAnswer,
  TokensAnswer,
  UserAnswer,
  UserChangeAnswer,
  UsersAnswer,
} from '../answers/access.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import { type Authentication, askerOf } from './authentication.ts'
import type { Environment, RequestContext } from './environment.ts'
import { toTime } from './inspection-json.ts'
import { readObject, readShort, readText, readTexts } from './read-json.ts'
import { readSession, sessionCookie } from './session-cookie.ts'

type Asked = {
  readonly administration: AnyAdministration
  readonly access: Access
  readonly authentication: Authentication
}

type Fields = ReturnType<typeof readObject>

const maxBodyBytes = 16_384

/** Who can log in, and by what: `/users` and `/tokens`, for admins; one's own password is one's own affair. */
export function addAccounts(api: Hono<Environment>, asked: Asked): void {
  const { administration, access } = asked
  const admin = (
    method: 'GET' | 'POST',
    path: string,
    answer: (c: RequestContext, asked: Asked) => Promise<object>,
  ) => {
    api.on(method, path, async (c) => {
      access.requireAccountsAdmin(c.get('caller'))
      return c.json(await answer(c, asked))
    })
  }
  admin('GET', '/users', async (): Promise<UsersAnswer> => {
    const users = await administration.accounts.listUsers()
    return { users: users.map((user) => toUserAnswer(user, access)) }
  })
  admin('POST', '/users/add', addUser)
  admin('POST', '/users/remove', removeUser)
  api.post('/users/password', (c) => changePassword(c, asked))
  admin('GET', '/tokens', async (): Promise<TokensAnswer> => {
    return { tokens: (await administration.accounts.listTokens()).map(toTokenAnswer) }
  })
  admin('POST', '/tokens/create', createToken)
  admin('POST', '/tokens/revoke', async (c) => {
    const name = readText(await readFields(c, ['name'], '{"name": "ci"}'), 'name')
    c.get('facts').subject = name
    await administration.accounts.revokeToken(name)
    return { token: name }
  })
}

/** `{"user": "alice", "password": "..."}` */
async function addUser(c: RequestContext, { administration }: Asked): Promise<UserChangeAnswer> {
  const wanted = '{"user": "alice", "password": "..."}'
  const fields = await readFields(c, ['user', 'password'], wanted)
  const user = readHidden(fields, 'user')
  c.get('facts').subject = user
  const { removedTokens } = await administration.accounts.addUser(
    user,
    readHidden(fields, 'password'),
  )
  return { user, removedTokens }
}

/** `{"user": "alice"}` */
async function removeUser(c: RequestContext, { administration }: Asked): Promise<UserChangeAnswer> {
  const user = readText(await readFields(c, ['user'], '{"user": "alice"}'), 'user')
  c.get('facts').subject = user
  if (isNameOf(c.get('caller'), user)) {
    const what = `${user} is who asks: let another admin remove you, or run "entrepot user rm ${user}" on the server`
    throw new RegistryError('DENIED', what, { status: 409 })
  }
  return { user, removedTokens: await administration.accounts.removeUser(user) }
}

/** `{"user": "alice", "oldPassword": "...", "password": "..."}`: an admin needs no old one of somebody else. */
async function changePassword(c: RequestContext, asked: Asked): Promise<Response> {
  const caller = c.get('caller')
  if (caller.kind === 'anonymous')
    throw new RegistryError('UNAUTHORIZED', 'log in first: a password is changed by who has it')
  const wanted = '{"user": "alice", "oldPassword": "...", "password": "..."}'
  const fields = await readFields(c, ['user', 'oldPassword', 'password'], wanted)
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

function isNameOf(caller: Caller, user: string): boolean {
  return caller.kind === 'user' && caller.name === user
}

/** `{"name": "ci", "user": "alice", "may": ["pull"], "repositories": ["team/**"], "expires": "90d"}`, all but the name optional. */
async function createToken(
  c: RequestContext,
  { administration }: Asked,
): Promise<CreatedTokenAnswer> {
  const known = ['name', 'user', 'may', 'repositories', 'expires']
  const wanted = '{"name": "ci", "may": ["pull"], "repositories": ["team/**"], "expires": "90d"}'
  const fields = await readFields(c, known, wanted)
  const said: WantedToken = {
    name: readText(fields, 'name'),
    user: fields.user === undefined ? undefined : readText(fields, 'user'),
    may: fields.may === undefined ? undefined : readTexts(fields, 'may'),
    repositories: fields.repositories === undefined ? undefined : readTexts(fields, 'repositories'),
    expires: fields.expires === undefined ? undefined : readText(fields, 'expires'),
  }
  const facts = c.get('facts')
  facts.subject = said.name
  const { text, token } = await administration.accounts.createToken(said)
  facts.outcome = describeRights(token)
  return { token: text, ...toTokenAnswer(token) }
}

/** What is wrong with a body isn't repeated, in the answer or the log: it may be the password. */
async function readFields(
  c: RequestContext,
  known: readonly string[],
  wanted: string,
): Promise<Fields> {
  const text = await readShort(c, maxBodyBytes)
  try {
    return readObject(text, known)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new RegistryError('MANIFEST_INVALID', `wanted as the body: ${wanted}`)
  }
}

/** A text that no message repeats. */
function readHidden(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value === 'string' && value !== '') return value
  throw new RegistryError('MANIFEST_INVALID', `wanted ${quote(name)}: a text`)
}

function toUserAnswer({ lastSeenAt, ...user }: UserAccount, access: Access): UserAnswer {
  const caller: Caller = { kind: 'user', name: user.name }
  return {
    ...user,
    admin: access.decideEverything(caller, 'admin').isAllowed,
    unruled: access.isUnruled,
    rules: access.listRules(caller),
    lastSeen: toTime(lastSeenAt),
  }
}

function toTokenAnswer(token: TokenAccount): TokenAnswer {
  const { name, user, may, repositories, isOver } = token
  return {
    name,
    user,
    may,
    repositories,
    created: new Date(token.createdAt).toISOString(),
    expires: toTime(token.expiresAt),
    lastUsed: toTime(token.lastUsedAt),
    over: isOver,
  }
}
