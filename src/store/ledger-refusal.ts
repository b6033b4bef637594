import { RegistryError } from '../oci/registry-error.ts'
import { LedgerBusyError, LedgerSizeError } from './ledger-records.ts'

/** What the ledger won't sum up is told to whoever asked, and what to do; any other error stays what it is. */
export function refuseKindly(error: unknown): never {
  if (error instanceof LedgerSizeError)
    throw new RegistryError('UNSUPPORTED', error.message, { status: 400, cause: error })
  if (!(error instanceof LedgerBusyError)) throw error
  throw new RegistryError('TOOMANYREQUESTS', error.message, { retryAfterSeconds: 60, cause: error })
}
