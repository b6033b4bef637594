import { RegistryError } from '../oci/registry-error.ts'
import { CommandError } from './command-error.ts'

/** `hint` says where to look when there is none of that name. Throws CommandError for what users and tokens can't be. */
export async function tellingAccounts<T>(hint: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    const { status, message } = error
    const text = status === 404 ? `${message}: ${hint}` : message
    throw new CommandError(text, { isUsage: status === 400, cause: error })
  }
}
