import type { AccessRecords } from '../store/access-records.ts'
import { KnownCallers } from './known-callers.ts'
import { type LoginEvent, LoginNotes } from './login-notes.ts'
import { Logins } from './logins.ts'
import { openOperatorKey } from './operator-key.ts'
import { PasswordFile } from './password-file.ts'

type Settings = {
  /** The data folder. */
  readonly data: string
  readonly records: AccessRecords
  readonly now: () => number
  /** For the audit. */
  readonly onEvent: (event: LoginEvent) => void
  /** Of the password file and the operator's key, in words. */
  readonly onProblem: (problem: string) => void
  readonly onError: (error: unknown, what: string) => void
}

type Parts = {
  readonly logins: Logins
  readonly known: KnownCallers
  readonly passwords: PasswordFile
  readonly notes: LoginNotes
}

/** All that logins go by, kept up with what commands and other programs change beside the server. */
export class LoginRoom {
  readonly #parts: Parts
  readonly #onError: Settings['onError']
  #onChanged: () => void = () => {}
  #reloading: Promise<void> = Promise.resolve()

  private constructor(parts: Parts, { onError }: Settings) {
    this.#parts = parts
    this.#onError = onError
    parts.passwords.watch(() => this.#tell())
  }

  static async open(settings: Settings): Promise<LoginRoom> {
    const { data, records, now, onEvent, onProblem, onError } = settings
    const operatorKey = await openOperatorKey(data, onProblem)
    const passwords = await PasswordFile.open(data, { onProblem })
    const notes = new LoginNotes({ records, now, onEvent, onError })
    const logins = await Logins.open({ records, passwords, operatorKey, notes, now, onError })
    const known = new KnownCallers({ logins, now })
    return new LoginRoom({ logins, known, passwords, notes }, settings)
  }

  get logins(): Logins {
    return this.#parts.logins
  }

  get known(): KnownCallers {
    return this.#parts.known
  }

  /** From now on `onChanged` hears that who was known may be nobody any more. */
  watch(onChanged: () => void): void {
    this.#onChanged = onChanged
  }

  /** Another process has changed what is recorded. */
  reload(): Promise<void> {
    this.#reloading = this.#reloading
      .then(() => this.#parts.logins.reload())
      .catch((error) => this.#onError(error, "who may log in couldn't be read again"))
      .then(() => this.#tell())
    return this.#reloading
  }

  /** Users or tokens were changed by this process: resolves once everybody knows. */
  async refresh(): Promise<void> {
    await this.#parts.passwords.refresh()
    await this.reload()
  }

  async close(): Promise<void> {
    const { passwords, notes } = this.#parts
    passwords.close()
    await this.#reloading
    await notes.close()
  }

  #tell(): void {
    this.#parts.known.forgetAll()
    this.#onChanged()
  }
}
