import { noteFromCommand } from '../audit/note-from-command.ts'
import { openStores, type Stores } from '../store/open-stores.ts'
import { requireData } from './require-data.ts'
import { tellingFaults } from './telling-faults.ts'

type Done = Omit<Parameters<typeof noteFromCommand>[1], 'result'>

export type OpenAccess = AsyncDisposable &
  Pick<Stores, 'access'> & {
    /** For the audit. */
    readonly noteDone: (done: Done) => Promise<void>
  }

/** The records of tokens in a data folder, beside a running server too. With `isThere` the folder isn't made. */
export async function openAccess(data: string, { isThere = false } = {}): Promise<OpenAccess> {
  if (isThere) await requireData(data)
  const stores = await openStores(data, tellingFaults, { isGuest: true })
  const { access } = stores
  const noteDone = (done: Done) => noteFromCommand(stores, { ...done, result: 'ok' })
  return { access, noteDone, [Symbol.asyncDispose]: () => stores.close() }
}
