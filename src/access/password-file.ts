import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type LineProblem, maxBytes, parseHtpasswd, type Users } from './htpasswd.ts'
import { fingerprint, readStill } from './still-file.ts'

const pollMs = 1_000
/** So many lines are named, and the others counted. */
const maxNamed = 5

type Settings = {
  /** By whose fault somebody can't log in; fit for the log. Said once, until it is another. */
  readonly onProblem: (message: string) => void
  readonly pollMs?: number
}

/** Where the users of a data folder stand. */
export function passwordFileIn(data: string): string {
  return join(data, 'htpasswd')
}

/**
 * The users by what the file `htpasswd` in the data folder says, which commands and other tools write. They are
 * held in memory and taken up again when the file changes; one that can't be read, or is none, changes
 * nothing. Without the file there are no users.
 */
export class PasswordFile {
  readonly #file: string
  readonly #settings: Settings
  #users: Users = new Map()
  #print: string | undefined
  #problem: string | undefined
  #last: Promise<unknown> = Promise.resolve()
  #waiting: Promise<boolean> | undefined
  #timer: NodeJS.Timeout | undefined
  #onChanged = (): void => {}

  private constructor(data: string, settings: Settings) {
    this.#file = passwordFileIn(data)
    this.#settings = settings
  }

  static async open(data: string, settings: Settings): Promise<PasswordFile> {
    const file = new PasswordFile(data, settings)
    // As it lies: what is being written just now is seen by the next look. What can't be seen at all, the look
    // meets again and tells.
    await file.#look(await fingerprint(file.#file).catch(() => undefined))
    return file
  }

  /** The hash of the user's password, which needn't be bcrypt's; undefined where there is no such user. */
  find(user: string): string | undefined {
    return this.#users.get(user)
  }

  /**
   * The hash of some user's password, always the same for a name: to check against it takes as long as for a
   * user, of whatever cost their hashes are. Undefined where there are no users.
   */
  decoyFor(name: string): string | undefined {
    const hashes = [...this.#users.values()]
    const number = createHash('sha256').update(name).digest().readUInt32BE()
    return hashes[number % hashes.length]
  }

  names(): readonly string[] {
    return [...this.#users.keys()]
  }

  get isEmpty(): boolean {
    return this.#users.size === 0
  }

  /** Resolves once what the file held at the call is taken up; true where that changed the users. Never throws. */
  refresh(): Promise<boolean> {
    this.#waiting ??= this.#enqueue()
    return this.#waiting
  }

  /** Looks each second from now on; `onChanged` hears of changes that `refresh` found, too. */
  watch(onChanged: () => void): void {
    this.#onChanged = onChanged
    clearInterval(this.#timer)
    this.#timer = setInterval(() => void this.refresh(), this.#settings.pollMs ?? pollMs)
    this.#timer.unref()
  }

  /** Nothing is called back after this. */
  close(): void {
    clearInterval(this.#timer)
    this.#onChanged = () => {}
  }

  /** One look after the other, and never more than one that waits. */
  #enqueue(): Promise<boolean> {
    const look = this.#last.then(() => {
      this.#waiting = undefined
      return this.#look(undefined)
    })
    this.#last = look
    return look
  }

  /** `seen` is what an earlier look saw. */
  async #look(seen: string | undefined): Promise<boolean> {
    try {
      const print = await fingerprint(this.#file)
      if (print === this.#print) return false
      const still = await readStill(this.#file, seen, maxBytes)
      return still !== undefined && this.#takeUp(still.print, still.text ?? '')
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.#tell(`${this.#file} can't be read, and the users before stay: ${why}`)
      return false
    }
  }

  #takeUp(print: string, text: string): boolean {
    this.#print = print
    const { users, problems } = parseHtpasswd(text)
    this.#tell(problems.length === 0 ? undefined : describe(this.#file, problems))
    if (isDeepStrictEqual(users, this.#users)) return false
    this.#users = users
    this.#onChanged()
    return true
  }

  #tell(problem: string | undefined): void {
    if (problem === this.#problem) return
    this.#problem = problem
    if (problem !== undefined) this.#settings.onProblem(problem)
  }
}

function describe(file: string, problems: readonly LineProblem[]): string {
  const named = problems.slice(0, maxNamed).map(({ line, user, what }) => {
    const whose = user === undefined ? '' : ` (${JSON.stringify(user)})`
    return `line ${line}${whose}: ${what}`
  })
  const rest = problems.length - named.length
  return `${file}: ${named.join('; ')}${rest > 0 ? `; and ${rest} more lines` : ''}`
}
