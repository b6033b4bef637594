import type { AccessRecords } from '../store/access-records.ts'
import { openStores } from '../store/open-stores.ts'
import { requireData } from './require-data.ts'
import { tellingFaults } from './telling-faults.ts'

/** The records of tokens in a data folder, beside a running server too. With `isThere` the folder isn't made. */
export async function openAccess(
  data: string,
  { isThere = false } = {},
): Promise<AsyncDisposable & { readonly access: AccessRecords }> {
  if (isThere) await requireData(data)
  const stores = await openStores(data, tellingFaults, { isGuest: true })
  return { access: stores.access, [Symbol.asyncDispose]: () => stores.close() }
}
