import type { Event, EventStream } from './any-events.ts'
import type { EventKind } from './event-data.ts'

/** A reader that is further behind has lost touch; it comes back and is told of what it missed. */
const mostWaiting = 2_000

type Settings = {
  readonly kinds: ReadonlySet<EventKind>
  /** What it begins with. */
  readonly backlog: readonly Event[]
  /** Called once, when it has ended. */
  readonly onClose: () => void
}

/** A stream in the thread where events happen: what waits until its reader asks for it. */
export class OpenStream implements EventStream {
  readonly #settings: Settings
  #waiting: Event[] = []
  #more = Promise.withResolvers<void>()
  #isClosed = false

  constructor(settings: Settings) {
    this.#settings = settings
    for (const event of settings.backlog) this.add(event)
  }

  add(event: Event): void {
    if (this.#isClosed || !this.#isWanted(event)) return
    this.#waiting.push(event)
    if (this.#waiting.length > mostWaiting) this.close()
    else this.#more.resolve()
  }

  async next(): Promise<readonly Event[] | undefined> {
    if (this.#waiting.length === 0 && !this.#isClosed) await this.#more.promise
    if (this.#isClosed) return undefined
    const events = this.#waiting
    this.#waiting = []
    this.#more = Promise.withResolvers()
    return events
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#waiting = []
    this.#more.resolve()
    this.#settings.onClose()
  }

  #isWanted({ kind }: Event): boolean {
    return kind === 'missed' || this.#settings.kinds.has(kind)
  }
}
