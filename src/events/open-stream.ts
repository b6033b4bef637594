import type { Event, EventStream } from './any-events.ts'
import type { EventKind } from './event-data.ts'

/** A reader that is further behind has lost touch; it can come back for what it missed. */
const mostWaitingBytes = 256 * 1024

type Settings = {
  readonly kinds: ReadonlySet<EventKind>
  /** What it begins with. */
  readonly backlog: readonly Event[]
  /** Called once, when it has ended. */
  readonly onClose: () => void
}

/** A stream in the thread where events happen: what waits until its reader asks for it. */
export class OpenStream implements EventStream {
  readonly ended: Promise<void>
  readonly #settings: Settings
  readonly #end = Promise.withResolvers<void>()
  #waiting: Event[] = []
  #waitingBytes = 0
  #more = Promise.withResolvers<void>()
  #isClosed = false

  constructor(settings: Settings) {
    this.#settings = settings
    this.ended = this.#end.promise
    // However much it is: it is bounded where it comes from.
    for (const event of settings.backlog) this.add(event, 0)
  }

  /** `bytes`: about so many, as it is told. */
  add(event: Event, bytes: number): void {
    if (this.#isClosed || !this.#isWanted(event)) return
    this.#waiting.push(event)
    this.#waitingBytes += bytes
    if (this.#waitingBytes > mostWaitingBytes) this.close()
    else this.#more.resolve()
  }

  async next(): Promise<readonly Event[] | undefined> {
    if (this.#waiting.length === 0 && !this.#isClosed) await this.#more.promise
    if (this.#isClosed) return undefined
    const events = this.#waiting
    this.#waiting = []
    this.#waitingBytes = 0
    this.#more = Promise.withResolvers()
    return events
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#waiting = []
    this.#more.resolve()
    this.#end.resolve()
    this.#settings.onClose()
  }

  #isWanted({ kind }: Event): boolean {
    return kind === 'missed' || this.#settings.kinds.has(kind)
  }
}
