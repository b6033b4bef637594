import { LRUCache } from 'lru-cache'
import { atMost } from '../at-most.ts'
import type { AccessRecords, TokenRecord } from '../store/access-records.ts'
import type { Asker } from './any-logins.ts'
import { formatCaller } from './caller.ts'
import { callerOfToken } from './token-caller.ts'

export type LoginEvent = {
  readonly at: number
  readonly who: string
  /** An address. */
  readonly from: string
  readonly what: 'login' | 'token-use'
  /** The user's or the token's name. */
  readonly subject: string
  readonly result: 'ok' | 'failed'
}

type Settings = {
  readonly records: Pick<AccessRecords, 'noteTokenUses' | 'noteUserLogins'>
  readonly now: () => number
  /** For the audit. */
  readonly onEvent: (event: LoginEvent) => void
  readonly onError: (error: unknown, what: string) => void
}

const writeEveryMs = 5_000
const maxRemembered = 20_000
/** Clients log in for each pull: the same from the same place is told once in so long. */
const tellEveryMs = 3_600_000
const longestName = 64

/** What logins leave behind: when each token was used and each user there last, and a word for the audit. */
export class LoginNotes {
  readonly #settings: Settings
  readonly #timer: NodeJS.Timeout
  readonly #told = new LRUCache<string, number>(atMost(maxRemembered))
  #uses = new Map<string, number>()
  #users = new Map<string, number>()
  #writing: Promise<void> = Promise.resolve()

  constructor(settings: Settings) {
    this.#settings = settings
    this.#timer = setInterval(() => this.#write(), writeEveryMs).unref()
  }

  /** Each that failed is told, which the brake on logins keeps few. */
  noteLogin({ user, asker, isRight }: { user: string; asker: Asker; isRight: boolean }): void {
    // What was typed may be anything.
    const subject = user.slice(0, longestName)
    const event = { from: asker.address, what: 'login', subject } as const
    if (isRight) {
      this.#users.set(user, this.#settings.now())
      this.#tellNowAndThen({ ...event, who: user })
    } else this.#tell({ ...event, who: 'anonymous', result: 'failed' })
  }

  noteUse(token: TokenRecord, { address }: Asker): void {
    const now = this.#settings.now()
    this.#uses.set(token.id, now)
    if (token.user !== undefined) this.#users.set(token.user, now)
    if (token.kind === 'session') return
    const who = formatCaller(callerOfToken(token))
    this.#tellNowAndThen({ who, from: address, what: 'token-use', subject: token.name })
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#write()
    await this.#writing
  }

  #tellNowAndThen(event: Omit<LoginEvent, 'at' | 'result'>): void {
    const key = `${event.what} ${event.from} ${event.who}`
    const now = this.#settings.now()
    const toldAt = this.#told.get(key)
    if (toldAt !== undefined && Math.abs(now - toldAt) < tellEveryMs) return
    this.#told.set(key, now)
    this.#tell({ ...event, result: 'ok' })
  }

  #tell(event: Omit<LoginEvent, 'at'>): void {
    this.#settings.onEvent({ at: this.#settings.now(), ...event })
  }

  #write(): void {
    const [uses, users] = [this.#uses, this.#users]
    if (uses.size + users.size === 0) return
    this.#uses = new Map()
    this.#users = new Map()
    const { records, onError } = this.#settings
    this.#writing = this.#writing
      .then(() => records.noteTokenUses(uses))
      .then(() => records.noteUserLogins(users))
      .catch((error) => onError(error, "when tokens and users were there last couldn't be written"))
  }
}
