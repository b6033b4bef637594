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
  /** Takes up what was changed meanwhile. */
  refresh(): Promise<unknown>
  readonly isEmpty: boolean
}

type Settings = {
  readonly passwords: Passwords
  readonly notes: LoginNotes
  readonly now: () => number
}

type Compared = { readonly isRight: boolean; readonly hash: string | undefined }

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
    const { isRight, hash } = await this.#compare(user, password, network).catch(
      (error: unknown) => {
        this.#brake.forget(network, user)
        throw error
      },
    )
    notes.noteLogin({ user, asker, isRight })
    if (!isRight || hash === undefined) {
      this.#wrong.add(user, password, hash)
      throw wrongLogin()
    }
    this.#brake.succeed(network, user)
    return hash
  }

  /** With the hash by which it was found out: a user who was added a moment ago may not be known yet. */
  async #compare(user: string, password: string, network: string): Promise<Compared> {
    const { passwords } = this.#settings
    const hash = passwords.find(user)
    const checked = hash ?? passwords.decoyFor(user)
    const isMatch = await this.#checks.check(password, checked, network)
    if (isMatch && hash !== undefined) return { isRight: true, hash }
    await passwords.refresh()
    const renewed = passwords.find(user)
    // Also where it was taken up by somebody else, while the other one was checked.
    if (renewed === undefined || renewed === hash) return { isRight: false, hash: renewed }
    return { isRight: await this.#checks.check(password, renewed, network), hash: renewed }
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
