import { DigestMismatchError } from '../oci/digest-check.ts'
import { StoreFaultError } from './store-fault.ts'
import type { StoreHealth } from './store-health.ts'

/** Does what may fail as a disk does, and lets `health` know when it has. */
export class Tolerance {
  readonly #health: StoreHealth

  constructor(health: StoreHealth) {
    this.#health = health
  }

  /** `fallback` where it fails. */
  async orElse<T>(fallback: T, act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      this.#health.note(error)
      return fallback
    }
  }

  /** Throws StoreFaultError where it fails. Wrong content and being told to stop aren't the disk's fault. */
  async orFault<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      if (error instanceof DigestMismatchError || isAbort(error)) throw error
      this.#health.note(error)
      throw new StoreFaultError(error)
    }
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}
