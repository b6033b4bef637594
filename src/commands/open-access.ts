import { Accounts } from '../access/accounts.ts'
import { noteFromCommand } from '../audit/note-from-command.ts'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/config.ts'
import { openStores, type Stores } from '../store/open-stores.ts'
import { takePasswordLock } from './password-lock.ts'
import { requireData } from './require-data.ts'
import { tellingFaults } from './telling-faults.ts'

type Done = Omit<Parameters<typeof noteFromCommand>[1], 'result'>

export type OpenAccess = AsyncDisposable &
  Pick<Stores, 'access'> & {
    readonly accounts: Accounts
    /** For the audit. */
    readonly noteDone: (done: Done) => Promise<void>
  }

/** Users and tokens of a data folder, beside a running server too. With `isThere` the folder isn't made. */
export async function openAccess(
  { data, access: { groups } }: Config,
  { isThere = false } = {},
): Promise<OpenAccess> {
  if (isThere) await requireData(data)
  const stores = await openStores(data, tellingFaults, { isGuest: true })
  const { access } = stores
  const isGroup = (name: string) => groups.has(name)
  const { now } = systemClock
  const accounts = new Accounts({
    data,
    records: access,
    takeLock: takePasswordLock,
    isGroup,
    now,
  })
  const noteDone = (done: Done) => noteFromCommand(stores, { ...done, result: 'ok' })
  return { access, accounts, noteDone, [Symbol.asyncDispose]: () => stores.close() }
}
