import { resolve } from 'node:path'
import { PasswordEditor } from '../access/edit-password-file.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { tellingAccounts } from './account-errors.ts'
import { askPassword } from './ask-password.ts'
import { openAccess } from './open-access.ts'
import { originForClients } from './origin-for-clients.ts'
import { formatTable } from './table.ts'

type Options = { readonly config: string }

const hint = '"entrepot user ls" lists them'

/** `entrepot user add`: a new user, or another password. Throws ConfigError and CommandError. */
export async function addUser(name: string, { config: file }: Options): Promise<void> {
  const config = await loadConfig(resolve(file), process.env)
  await using stores = await openAccess(config)
  const { accounts } = stores
  const { isNew, removedTokens } = await tellingAccounts(hint, async () => {
    await accounts.refuseUser(name)
    return accounts.putUser(name, await askPassword(name), { isNew: false })
  })
  await stores.noteDone({ what: isNew ? 'user-add' : 'user-change', subject: name })
  process.stdout.write(isNew ? describeNew(name, config) : describeChanged(name))
  if (removedTokens > 0)
    process.stdout.write(
      `${removedTokens} tokens and browser logins that acted for an earlier ${name} are removed\n`,
    )
}

/** `entrepot user rm`: takes the tokens that act for the user, too. Throws ConfigError and CommandError. */
export async function removeUser(name: string, { config: file }: Options): Promise<void> {
  const config = await loadConfig(resolve(file), process.env)
  await using stores = await openAccess(config, { isThere: true })
  const tokens = await tellingAccounts(hint, () => stores.accounts.removeUser(name))
  await stores.noteDone({ what: 'user-remove', subject: name })
  const theirs =
    tokens === 0 ? '' : `, and so are ${tokens} tokens and browser logins that acted for ${name}`
  process.stdout.write(`${name} is removed${theirs}\n`)
}

/** `entrepot user ls`: who can log in, and who can't. Throws ConfigError. */
export async function listUsers(options: Options & { readonly json?: true }): Promise<void> {
  const { data } = await loadConfig(resolve(options.config), process.env)
  const { users, problems } = await new PasswordEditor(data).list()
  const problemOf = (name: string) => problems.find(({ user }) => user === name)?.what
  const listed = [...users.keys()].sort().map((name) => ({ name, problem: problemOf(name) }))
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ users: listed, problems }, null, 2)}\n`)
    return
  }
  const rows = listed.map(({ name, problem }) => [name, problem ?? 'bcrypt'])
  if (rows.length > 0) process.stdout.write(formatTable([['USER', 'PASSWORD'], ...rows]))
  else process.stderr.write('there are no users: "entrepot user add NAME" adds one\n')
  for (const { line, user, what } of problems) {
    if (user === undefined || !users.has(user)) process.stderr.write(`line ${line}: ${what}\n`)
  }
}

function describeNew(name: string, { listen, tls, access }: Config): string {
  const { host } = new URL(originForClients(listen, tls))
  const isRuled = access.rules.some(({ who }) => who !== 'anonymous')
  const may = isRuled
    ? `${name} may what access.rules in mirrors.yaml gives to ${name}, to a group with ${name} in it, or to users`
    : `${name} may pull, push, delete and administer everything but what comes from an upstream with private: true; with rules under access.rules in mirrors.yaml only what they give`
  return `${name} is added, and a server that runs takes it up within seconds. Next: docker login ${host}\n${may}\n`
}

function describeChanged(name: string): string {
  return `${name} was there already and has another password now; tokens for ${name} stay valid: "entrepot token ls" lists them\n`
}
