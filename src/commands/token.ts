import { resolve } from 'node:path'
import type { TokenAccount } from '../access/any-accounts.ts'
import { describeRights } from '../access/new-token.ts'
import { rotateSigningKey } from '../access/signing-key.ts'
import { systemClock } from '../clock.ts'
import { loadConfig } from '../config/load-config.ts'
import { tellingAccounts } from './account-errors.ts'
import { formatAgo } from './human-values.ts'
import { openAccess } from './open-access.ts'
import { formatTable } from './table.ts'
import { readTokenOptions, type TokenOptions } from './token-options.ts'

type Options = { readonly config: string; readonly json?: true }

const hint = '"entrepot token ls" and "entrepot user ls" list them'
const headings = ['TOKEN', 'FOR', 'MAY', 'REPOSITORIES', 'CREATED', 'EXPIRES', 'LAST USED']

/** `entrepot token create`: prints the token, which nothing can show again. Throws ConfigError and CommandError. */
export async function createToken(options: Options & TokenOptions): Promise<void> {
  const wanted = readTokenOptions(options, systemClock.now())
  const config = await loadConfig(resolve(options.config), process.env)
  await using stores = await openAccess(config)
  const { text, token } = await tellingAccounts(hint, () => stores.accounts.createToken(wanted))
  const detail = describeRights(token)
  await stores.noteDone({ what: 'token-create', subject: token.name, detail })
  if (options.json) process.stdout.write(`${JSON.stringify({ token: text, ...toJson(token) })}\n`)
  else {
    process.stdout.write(`${text}\n`)
    process.stderr.write(describe(token))
  }
}

/** `entrepot token revoke`: it is good for nothing from now on. Throws ConfigError and CommandError. */
export async function revokeToken(name: string, { config: file }: Options): Promise<void> {
  const config = await loadConfig(resolve(file), process.env)
  await using stores = await openAccess(config, { isThere: true })
  await tellingAccounts(hint, () => stores.accounts.revokeToken(name))
  await stores.noteDone({ what: 'token-revoke', subject: name })
  process.stdout.write(`${name} is revoked\n`)
}

/** `entrepot token ls`. Throws ConfigError and CommandError. */
export async function listTokens({ config: file, json }: Options): Promise<void> {
  const config = await loadConfig(resolve(file), process.env)
  await using stores = await openAccess(config, { isThere: true })
  const tokens = await stores.accounts.listTokens()
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
  const config = await loadConfig(resolve(file), process.env)
  await using stores = await openAccess(config, { isThere: true })
  const id = await rotateSigningKey(stores.access, systemClock.now())
  await stores.noteDone({ what: 'key-rotate', subject: id })
  process.stdout.write(
    'there is a new key: a server that runs signs with it what /token gives out from now on. What the keys before it signed stays valid until it ends, minutes later\n',
  )
}

function isExpired({ expiresAt }: TokenAccount, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now
}

function toRow(token: TokenAccount, now: number): readonly string[] {
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

function toJson(token: TokenAccount) {
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

function describe({ name, user, may, repositories, expiresAt }: TokenAccount): string {
  const where = repositories ? `in ${repositories.join(' ')}` : 'everywhere'
  const what = may ? `${may.join(', ')} ${where}` : where
  const ofUser = `acts for ${user}, and may of what ${user} may: ${may || repositories ? what : 'all'}`
  const ofRobot = may
    ? `may ${what}, and what access.rules gives to ${name}`
    : `may only what a rule with who: ${name} under access.rules in mirrors.yaml gives it: --may was not said`
  const until = expiresAt === undefined ? 'does not expire' : `expires ${isoOf(expiresAt)}`
  return `the token ${name} ${user === undefined ? ofRobot : ofUser}; it ${until}. It is shown only this once: it takes the place of a password, with any user name\n`
}
