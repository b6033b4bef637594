import { Accounts } from '../access/accounts.ts'
import type { TakeLock } from '../access/edit-password-file.ts'
import type { LoginRoom } from '../access/login-room.ts'
import { ConfigurationInForce } from '../config/configuration-in-force.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { LockHeldError, waitForFileLock } from '../store/file/file-lock.ts'
import type { Opening } from './opening.ts'

/** What an admin looks after. */
export type Administration = {
  readonly accounts: Accounts
  readonly history: Opening['stores']['audit']
  readonly configuration: ConfigurationInForce
}

export function openAdministration(
  { config, clock, stores, serving, access }: Opening,
  logins: LoginRoom,
): Administration {
  const { now } = clock
  const configuration = new ConfigurationInForce(config, now)
  const accounts = new Accounts({
    data: config.data,
    records: stores.access,
    takeLock,
    isGroup: (name) => access.isGroup(name),
    now,
    onChanged: async () => {
      await logins.refresh()
      // Who is told that somebody is out finds that so in every thread.
      await serving()?.threads?.revoked()
    },
  })
  return { accounts, history: stores.audit, configuration }
}

const takeLock: TakeLock = async (file) => {
  try {
    return await waitForFileLock(file)
  } catch (cause) {
    if (!(cause instanceof LockHeldError)) throw cause
    const what = 'a command on this machine edits the users: try again when it has ended'
    throw new RegistryError('TOOMANYREQUESTS', what, { retryAfterSeconds: 5, cause })
  }
}
