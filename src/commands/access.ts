import { resolve } from 'node:path'
import { Access, type Action } from '../access/access.ts'
import { anonymous, type Caller } from '../access/caller.ts'
import { PasswordEditor } from '../access/edit-password-file.ts'
import { callerOfToken } from '../access/token-caller.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { resolveSource } from '../mirror/resolve-source.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { formatSource, ownSource, pushedHere, type Source } from '../oci/source.ts'
import { CommandError } from './command-error.ts'
import { openAccess } from './open-access.ts'

type Options = { readonly config: string; readonly json?: true }

type Answer = {
  /** Undefined for all there is. */
  readonly repository: string | undefined
  readonly allowed: boolean
  readonly because: string
}

const onlyPulled = 'what is mirrored is only pulled'
const actions: readonly string[] = ['pull', 'push', 'delete', 'admin'] satisfies Action[]

/**
 * `entrepot access`: may this user, token or anybody do that, and by which setting. Ends with 1 where not. Throws
 * ConfigError and CommandError.
 */
export async function explainAccess(
  who: string,
  repository: string,
  action: string,
  { config: file, json }: Options,
): Promise<void> {
  if (!isAction(action)) {
    const what = `${JSON.stringify(action)} is nothing that one may: wanted one of ${actions.join(', ')}`
    throw new CommandError(what, { isUsage: true })
  }
  const config = await loadConfig(resolve(file), process.env)
  const { caller, note } = await findCaller(who, config)
  const answers = decide(config, { caller, repository, action })
  if (answers.every(({ allowed }) => !allowed)) process.exitCode = 1
  if (json) {
    process.stdout.write(`${JSON.stringify({ who, action, answers, note }, null, 2)}\n`)
    return
  }
  for (const { repository: name, allowed, because } of answers) {
    const what = name === undefined ? `${action} everything` : `${action} ${name}`
    process.stdout.write(`${who} ${allowed ? 'may' : 'may not'} ${what}: ${because}\n`)
  }
  if (note !== undefined) process.stderr.write(`note: ${note}\n`)
}

function isAction(text: string): text is Action {
  return actions.includes(text)
}

type Asked = { readonly caller: Caller; readonly repository: string; readonly action: Action }

function decide(config: Config, { caller, repository, action }: Asked): readonly Answer[] {
  const access = new Access(config)
  if (repository === '**') {
    const { isAllowed, because } = access.decideEverything(caller, action)
    return [{ repository: undefined, allowed: isAllowed, because }]
  }
  const sources = findSources(repository, config)
  const [first] = sources
  const asked = action === 'pull' || first === undefined ? sources : [first]
  return asked.map((source) => {
    if (source.upstream !== pushedHere && action !== 'pull')
      return { repository: formatSource(source), allowed: false, because: onlyPulled }
    const { isAllowed, because } = access.decide(caller, action, source)
    return { repository: formatSource(source), allowed: isAllowed, because }
  })
}

/** A name without an upstream may be one of what is hosted, or of the default upstream. */
function findSources(name: string, config: Config): readonly Source[] {
  try {
    const { own, ...mirrored } = resolveSource({ name }, config)
    return own === undefined ? [mirrored] : [ownSource(own), mirrored]
  } catch (error) {
    if (error instanceof RegistryError) throw new CommandError(error.message, { isUsage: true })
    throw error
  }
}

async function findCaller(
  who: string,
  { data }: Config,
): Promise<{ readonly caller: Caller; readonly note?: string }> {
  if (who === 'anonymous') return { caller: anonymous }
  const { users } = await new PasswordEditor(data).list()
  if (users.has(who)) return { caller: { kind: 'user', name: who } }
  await using stores = await openAccess(data, { isThere: true })
  const tokens = await stores.access.listTokens(['robot', 'personal'])
  const token = tokens.find(({ name }) => name === who)
  if (!token) {
    const note = `there is no user or token ${JSON.stringify(who)}: this is what one of that name might, as by a certificate`
    return { caller: { kind: 'user', name: who }, note }
  }
  const isOver = token.expiresAt !== undefined && token.expiresAt <= Date.now()
  return { caller: callerOfToken(token), ...(isOver && { note: `the token ${who} has ended` }) }
}
