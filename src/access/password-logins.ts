import { RegistryError } from '../oci/registry-error.ts'
import type { Asker } from './any-logins.ts'
import { LoginBrake } from './login-brake.ts'
import type { LoginNotes } from './login-notes.ts'
import { PasswordChecks } from './password-checks.ts'
import { WrongGuesses } from './wrong-guesses.ts'

/** What is known of users: see PasswordFile. */
export type Passwords = {
  /** In bcrypt's form. */
  find(user: string): string | undefined
  /** See PasswordFile. */
  decoyFor(user: string): string | undefined
  /** Takes up what was changed meanwhile; true where that is anything. */
  refresh(): Promise<boolean>
  readonly isEmpty: boolean
}

type Settings = {
  readonly passwords: Passwords
  readonly notes: LoginNotes
  readonly now: () => number
}

/** Who brings a password, and who guesses. */
export class PasswordLogins {
  readonly #settings: Settings
  readonly #brake: LoginBrake
  readonly #checks = new PasswordChecks()
  readonly #wrong = new WrongGuesses()

  constructor(settings: Settings) {
    this.#settings = settings
    this.#brake = new LoginBrake(settings.now)
  }

  /** Gives the hash of the password, which was right. Throws RegistryError UNAUTHORIZED or TOOMANYREQUESTS. */
  async check(user: string, password: string, asker: Asker): Promise<string> {
    const { passwords, notes } = this.#settings
    const { network } = asker
    if (this.#wrong.has(user, password, passwords.find(user))) throw wrongLogin()
    const waitMs = this.#brake.waitMs(network, user)
    if (waitMs > 0) throw tooMany(waitMs)
    this.#brake.begin(network, user)
    const hash = await this.#findHash(user, password, network).catch((error: unknown) => {
      this.#brake.forget(network, user)
      throw error
    })
    notes.noteLogin({ user, asker, isRight: hash !== undefined })
    if (hash === undefined) {
      this.#wrong.add(user, password, passwords.find(user))
      throw wrongLogin()
    }
    this.#brake.succeed(network, user)
    return hash
  }

  /** Of the password where it is right; a user who was added a moment ago may not be known yet. */
  async #findHash(user: string, password: string, network: string): Promise<string | undefined> {
    const { passwords } = this.#settings
    const hash = passwords.find(user)
    const checked = hash ?? passwords.decoyFor(user)
    const isMatch = await this.#checks.check(password, checked, network)
    if (isMatch && hash !== undefined) return hash
    const added = (await passwords.refresh()) ? passwords.find(user) : undefined
    const isRight = added !== undefined && (await this.#checks.check(password, added, network))
    return isRight ? added : undefined
  }
}

/** Which of the two it is nobody learns. */
function wrongLogin(): RegistryError {
  return new RegistryError('UNAUTHORIZED', 'the user name or the password is wrong')
}

function tooMany(waitMs: number): RegistryError {
  const retryAfterSeconds = Math.ceil(waitMs / 1_000)
  const what = `too many logins have failed: try again in ${retryAfterSeconds} s`
  return new RegistryError('TOOMANYREQUESTS', what, { retryAfterSeconds })
}
