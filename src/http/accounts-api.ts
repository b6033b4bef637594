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
import { RegistryError } from '../oci/registry-error.ts'
import type { Environment, RequestContext } from './environment.ts'
import { readHidden, readHiddenBody } from './hidden-body.ts'
import { toTime } from './inspection-json.ts'
import { isNameOf } from './password-api.ts'
import { readText, readTexts } from './read-json.ts'

type Asked = {
  readonly administration: AnyAdministration
  readonly access: Access
}

/** Who can log in, and by what: `/users` and `/tokens`, for admins. */
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
  admin('GET', '/tokens', async (): Promise<TokensAnswer> => {
    return { tokens: (await administration.accounts.listTokens()).map(toTokenAnswer) }
  })
  admin('POST', '/tokens/create', createToken)
  admin('POST', '/tokens/revoke', async (c) => {
    const name = readText(await readHiddenBody(c, ['name'], '{"name": "ci"}'), 'name')
    c.get('facts').subject = name
    await administration.accounts.revokeToken(name)
    return { token: name }
  })
}

/** `{"user": "alice", "password": "..."}` */
async function addUser(c: RequestContext, { administration }: Asked): Promise<UserChangeAnswer> {
  const wanted = '{"user": "alice", "password": "..."}'
  const fields = await readHiddenBody(c, ['user', 'password'], wanted)
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
  const user = readText(await readHiddenBody(c, ['user'], '{"user": "alice"}'), 'user')
  c.get('facts').subject = user
  if (isNameOf(c.get('caller'), user)) {
    const what = `${user} is who asks: let another admin remove you, or run "entrepot user rm ${user}" on the server`
    throw new RegistryError('DENIED', what, { status: 409 })
  }
  return { user, removedTokens: await administration.accounts.removeUser(user) }
}

/** `{"name": "ci", "user": "alice", "may": ["pull"], "repositories": ["team/**"], "expires": "90d"}`, all but the name optional. */
async function createToken(
  c: RequestContext,
  { administration }: Asked,
): Promise<CreatedTokenAnswer> {
  const known = ['name', 'user', 'may', 'repositories', 'expires']
  const wanted = '{"name": "ci", "may": ["pull"], "repositories": ["team/**"], "expires": "90d"}'
  const fields = await readHiddenBody(c, known, wanted)
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
