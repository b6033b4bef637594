import { resolve } from 'node:path'
import { whileLocked } from '../access/edit-password-file.ts'
import { rotateSigningKey } from '../access/signing-key.ts'
import { makeToken } from '../access/token-secret.ts'
import { systemClock } from '../clock.ts'
import { loadConfig } from '../config/load-config.ts'
import type { NewToken, TokenRecord } from '../store/access-records.ts'
import { CommandError } from './command-error.ts'
import { formatAgo } from './human-values.ts'
import { refuseGroupsName } from './name-clashes.ts'
import { openAccess } from './open-access.ts'
import { takePasswordLock } from './password-lock.ts'
import { formatTable } from './table.ts'
import { parseTokenOptions, type TokenOptions } from './token-options.ts'

type Options = { readonly config: string; readonly json?: true }

const headings = ['TOKEN', 'FOR', 'MAY', 'REPOSITORIES', 'CREATED', 'EXPIRES', 'LAST USED']

/** `entrepot token create`: prints the token, which nothing can show again. Throws ConfigError and CommandError. */
export async function createToken(options: Options & TokenOptions): Promise<void> {
  const now = systemClock.now()
  const said = parseTokenOptions(options, now)
  const config = await loadConfig(resolve(options.config), process.env)
  refuseGroupsName(config, said.name)
  const { data } = config
  await using stores = await openAccess(data)
  const { text, id, secretHash } = makeToken()
  const token: NewToken = { ...said, id, secretHash, createdAt: now }
  await whileLocked(data, takePasswordLock, async (editor) => {
    if (await editor.has(token.name)) {
      const what = `there is a user ${JSON.stringify(token.name)}, and rules couldn't tell the two apart`
      throw new CommandError(`${what}: choose another --name`)
    }
    if (token.user !== undefined && !(await editor.has(token.user)))
      throw new CommandError(
        `there is no user ${JSON.stringify(token.user)}: "entrepot user add ${token.user}" adds one`,
      )
    if (await stores.access.addToken(token)) return
    const what = `there is a token ${JSON.stringify(token.name)} already`
    throw new CommandError(
      `${what}: "entrepot token revoke ${token.name}" first, or choose another`,
    )
  })
  await stores.noteDone({
    what: 'token-create',
    subject: token.name,
    detail: describeRights(token),
  })
  if (options.json) process.stdout.write(`${JSON.stringify({ token: text, ...toJson(token) })}\n`)
  else {
    process.stdout.write(`${text}\n`)
    process.stderr.write(describe(token))
  }
}

/** `entrepot token revoke`: it is good for nothing from now on. Throws ConfigError and CommandError. */
export async function revokeToken(name: string, { config: file }: Options): Promise<void> {
  const { data } = await loadConfig(resolve(file), process.env)
  await using stores = await openAccess(data, { isThere: true })
  if (!(await stores.access.removeToken(name)))
    throw new CommandError(
      `there is no token ${JSON.stringify(name)}: "entrepot token ls" lists them`,
    )
  await stores.noteDone({ what: 'token-revoke', subject: name })
  process.stdout.write(`${name} is revoked\n`)
}

/** `entrepot token ls`. Throws ConfigError and CommandError. */
export async function listTokens({ config: file, json }: Options): Promise<void> {
  const { data } = await loadConfig(resolve(file), process.env)
  await using stores = await openAccess(data, { isThere: true })
  const tokens = await stores.access.listTokens(['robot', 'personal'])
  const now = systemClock.now()
  if (json) {
    const listed = tokens.map((token) => ({ ...toJson(token), expired: isExpired(token, now) }))
    process.stdout.write(`${JSON.stringify({ tokens: listed }, null, 2)}\n`)
  } else if (tokens.length > 0) {
    process.stdout.write(formatTable([headings, ...tokens.map((token) => toRow(token, now))]))
  } else process.stderr.write('there are no tokens: "entrepot token create" makes one\n')
}

/** `entrepot token rotate-key`. Throws ConfigError and CommandError. */
export async function rotateKey({ config: file }: Options): Promise<void> {
  const { data } = await loadConfig(resolve(file), process.env)
  await using stores = await openAccess(data, { isThere: true })
  const id = await rotateSigningKey(stores.access, systemClock.now())
  await stores.noteDone({ what: 'key-rotate', subject: id })
  process.stdout.write(
    'there is a new key: a server that runs signs with it what /token gives out from now on. What the keys before it signed stays valid until it ends, minutes later\n',
  )
}

function describeRights({ user, may, repositories }: NewToken): string {
  const whose = user === undefined ? 'for itself' : `for ${user}`
  return `${whose}, may ${may?.join(',') ?? 'as rules say'} in ${repositories?.join(' ') ?? '**'}`
}

function isExpired({ expiresAt }: NewToken, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now
}

function toRow(token: TokenRecord, now: number): readonly string[] {
  const ends = isoOf(token.expiresAt)?.replace(/:\d\d\.\d+Z$/, 'Z') ?? 'never'
  return [
    token.name,
    token.user ?? 'itself',
    token.may?.join(',') ?? (token.user === undefined ? 'by rules' : `as ${token.user}`),
    token.repositories?.join(' ') ?? '**',
    formatAgo(isoOf(token.createdAt), now),
    isExpired(token, now) ? `${ends} (expired)` : ends,
    formatAgo(isoOf(token.lastUsedAt), now),
  ]
}

function toJson(token: NewToken & { readonly lastUsedAt?: number | undefined }) {
  const { name, kind, user, may, repositories } = token
  return {
    name,
    kind,
    user,
    may,
    repositories,
    created: isoOf(token.createdAt),
    expires: isoOf(token.expiresAt),
    lastUsed: isoOf(token.lastUsedAt),
  }
}

function isoOf(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}

function describe({ name, user, may, repositories, expiresAt }: NewToken): string {
  const where = repositories ? `in ${repositories.join(' ')}` : 'everywhere'
  const what = may ? `${may.join(', ')} ${where}` : where
  const ofUser = `acts for ${user}, and may of what ${user} may: ${may || repositories ? what : 'all'}`
  const ofRobot = may
    ? `may ${what}, and what access.rules gives to ${name}`
    : `may only what a rule with who: ${name} under access.rules in mirrors.yaml gives it: --may was not said`
  const until = expiresAt === undefined ? 'does not expire' : `expires ${isoOf(expiresAt)}`
  return `the token ${name} ${user === undefined ? ofRobot : ofUser}; it ${until}. It is shown only this once: it takes the place of a password, with any user name\n`
}
