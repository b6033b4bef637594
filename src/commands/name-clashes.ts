import type { Config } from '../config/config.ts'
import type { AccessRecords } from '../store/access-records.ts'
import { CommandError } from './command-error.ts'

// `who` of a rule names a user, a token or a group: a name is one of them. Both throw CommandError.

export function refuseGroupsName({ access }: Config, name: string): void {
  if (!access.groups.has(name)) return
  const what = `a group has the name ${JSON.stringify(name)}, and rules couldn't tell the two apart`
  throw new CommandError(`${what}: choose another, or change access.groups in mirrors.yaml first`)
}

export async function refuseTokensName(access: AccessRecords, name: string): Promise<void> {
  const tokens = await access.listTokens(['robot', 'personal', 'session'])
  if (!tokens.some((token) => token.name === name)) return
  const what = `a token has the name ${JSON.stringify(name)}, and rules couldn't tell the two apart`
  throw new CommandError(`${what}: choose another, or "entrepot token revoke ${name}" first`)
}
