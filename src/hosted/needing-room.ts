import { RegistryError } from '../oci/registry-error.ts'
import { describeFault, isLackOfRoom } from '../store/store-fault.ts'
import type { StoreHealth } from '../store/store-health.ts'

type Settings = {
  /** Hears of the lack. */
  readonly health: Pick<StoreHealth, 'note'>
  /** Called where there is no room, before that is thrown. */
  readonly giveUp?: () => Promise<void>
}

/** Records something for a client. Throws RegistryError UNAVAILABLE, as 507, where the disk has no room for it. */
export async function needingRoom<T>(
  act: () => Promise<T>,
  { health, giveUp }: Settings,
): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (!isLackOfRoom(error)) throw error
    health.note(error)
    await giveUp?.()
    throw noRoom(error)
  }
}

/** Not 503: clients that try again at once would fail again. */
function noRoom(cause: unknown): RegistryError {
  const what = `the registry has no room for it: ${describeFault(cause)}. Make some where the registry has its data, or ask whoever runs it to, and try again`
  return new RegistryError('UNAVAILABLE', what, { status: 507, isHosted: true, cause })
}
