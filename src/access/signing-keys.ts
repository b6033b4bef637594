import { errors } from 'jose'
import type { AccessRecords, SigningKey } from '../store/access-records.ts'
import { makeSigningKey } from './signing-key.ts'

type Settings = {
  readonly now: () => number
  /** How long one is still good for reading once there is a newer one. */
  readonly keepMs: number
  readonly onError: (error: unknown, what: string) => void
}

type Key = Pick<SigningKey, 'id' | 'createdAt'> & {
  readonly secret: Uint8Array
  readonly endsAt: number
}

/** What tokens are signed with: kept with the metadata, so that a restart or another server takes them too. */
export class SigningKeys {
  readonly #records: AccessRecords
  readonly #settings: Settings
  #keys: readonly Key[] = []

  private constructor(records: AccessRecords, settings: Settings) {
    this.#records = records
    this.#settings = settings
  }

  /**
   * Makes the first where there is none, and forgets what no token needs any more. On a full disk the one that was
   * made is this process's alone.
   */
  static async open(records: AccessRecords, settings: Settings): Promise<SigningKeys> {
    const keys = new SigningKeys(records, settings)
    await keys.reload()
    await keys.#tidy().catch((error) => {
      settings.onError(error, "the keys that tokens are signed with couldn't be written")
    })
    return keys
  }

  async #tidy(): Promise<void> {
    const { now, keepMs } = this.#settings
    const [newest] = this.#keys
    if (!newest) {
      const made = makeSigningKey(now())
      this.#keys = this.#toKeys([made])
      await this.#records.addSigningKey(made)
    } else if (newest.createdAt + keepMs < now()) {
      await this.#records.removeSigningKeys(newest.createdAt)
    }
  }

  get newest(): Key {
    const [newest] = this.#keys
    if (!newest) throw new Error('there is no key to sign tokens with')
    return newest
  }

  async reload(): Promise<void> {
    const keys = await this.#records.listSigningKeys()
    if (keys.length > 0) this.#keys = this.#toKeys(keys)
  }

  #toKeys(keys: readonly SigningKey[]): readonly Key[] {
    return keys.map(({ id, secret, createdAt }, index) => {
      const next = keys[index - 1]
      const endsAt = next ? next.createdAt + this.#settings.keepMs : Number.POSITIVE_INFINITY
      return { id, secret: Buffer.from(secret, 'base64url'), createdAt, endsAt }
    })
  }

  /** Throws jose's error for one that isn't there: what stands in a token finds one of ours, or none. */
  find(id: string | undefined): Uint8Array {
    const key = this.#keys.find((candidate) => candidate.id === id)
    if (key && this.#settings.now() < key.endsAt) return key.secret
    throw new errors.JWKSNoMatchingKey()
  }
}
