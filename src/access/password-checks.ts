import { FairShares } from '../fair-shares.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { checkPassword, nobodysHash } from './password-hash.ts'

const maxWaiting = 64

/**
 * Checks of passwords, one after the other: each takes a thread for some 60 ms that others need to read and write
 * files.
 */
export class PasswordChecks {
  readonly #places = new FairShares(maxWaiting)
  #last: Promise<unknown> = Promise.resolve()

  /**
   * Whether it is the password of that hash; without one it takes a while all the same. Throws RegistryError TOOMANYREQUESTS where too many are waiting.
   */
  async check(password: string, hash: string | undefined, network: string): Promise<boolean> {
    if (!this.#places.hasRoom(network)) {
      const what = 'too many logins are being checked: try again in a moment'
      throw new RegistryError('TOOMANYREQUESTS', what, { retryAfterSeconds: 1 })
    }
    this.#places.take(network)
    const checking = this.#last.then(() => checkPassword(password, hash ?? nobodysHash))
    // Whoever asked hears of its failure; the next one begins all the same.
    this.#last = checking.catch(() => undefined)
    try {
      return (await checking) && hash !== undefined
    } finally {
      this.#places.giveBack(network)
    }
  }
}
