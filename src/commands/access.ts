import { resolve } from 'node:path'
import { Access } from '../access/access.ts'
import type { NamedCaller } from '../access/any-accounts.ts'
import { anonymous } from '../access/caller.ts'
import { explainAccess as explain, parseAction } from '../access/explain-access.ts'
import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load-config.ts'
import { resolveSource } from '../mirror/resolve-source.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { CommandError } from './command-error.ts'
import { openAccess } from './open-access.ts'

type Options = { readonly config: string; readonly json?: true }

/**
 * `entrepot access`: may this user, token or anybody do that, and by which setting. Ends with 1 where not. Throws
 * ConfigError and CommandError.
 */
export async function explainAccess(
  who: string,
  repository: string,
  asked: string,
  { config: file, json }: Options,
): Promise<void> {
  const action = tellingUsage(() => parseAction(asked))
  const config = await loadConfig(resolve(file), process.env)
  const { caller, note } = await findCaller(who, config)
  const find = (name: string) => resolveSource({ name }, config)
  const wanted = { caller, repository, action }
  const answers = tellingUsage(() => explain(new Access(config), wanted, find))
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

async function findCaller(who: string, config: Config): Promise<NamedCaller> {
  if (who === 'anonymous') return { caller: anonymous }
  await using stores = await openAccess(config, { isThere: true })
  // Awaited: they are closed at the end of this.
  return await stores.accounts.findCaller(who)
}

function tellingUsage<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    throw new CommandError(error.message, { isUsage: true, cause: error })
  }
}
