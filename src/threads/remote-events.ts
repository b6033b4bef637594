import type { AnyEvents, Event, EventStream, StreamOptions } from '../events/any-events.ts'
import type { Calls } from './calls.ts'

/** What a serving thread may call in the main thread, where events happen. */
export type EventCalls = {
  openEvents(options: StreamOptions): Promise<number>
  /** Answers once there are some: undefined at the end. */
  nextEvents(id: number): Promise<readonly Event[] | undefined>
  /** Answers at the end. */
  awaitEndOfEvents(id: number): Promise<void>
  closeEvents(id: number): void
}

/** Events as a serving thread has them. */
export class RemoteEvents implements AnyEvents {
  readonly #calls: Calls<EventCalls>

  constructor(calls: Calls<EventCalls>) {
    this.#calls = calls
  }

  async open(options: StreamOptions): Promise<EventStream> {
    const id = await this.#calls.call('openEvents', options)
    // It rejects where the main thread has ended.
    const ended = this.#calls.call('awaitEndOfEvents', id).catch(() => {})
    return {
      ended,
      next: () => this.#calls.call('nextEvents', id),
      close: () => this.#calls.tell('closeEvents', id),
    }
  }
}

/** The streams that one serving thread has open, in the main thread. */
export class EventHost {
  readonly #events: AnyEvents
  readonly #streams = new Map<number, EventStream>()
  #lastId = 0
  #isClosed = false

  constructor(events: AnyEvents) {
    this.#events = events
  }

  /** What the thread may call. */
  get calls(): EventCalls {
    return {
      openEvents: (options) => this.#open(options),
      nextEvents: async (id) => this.#streams.get(id)?.next(),
      awaitEndOfEvents: async (id) => this.#streams.get(id)?.ended,
      closeEvents: (id) => this.#streams.get(id)?.close(),
    }
  }

  /** The thread has ended: nobody reads any more. */
  close(): void {
    this.#isClosed = true
    for (const stream of this.#streams.values()) stream.close()
  }

  async #open(options: StreamOptions): Promise<number> {
    const stream = await this.#events.open(options)
    const id = ++this.#lastId
    this.#streams.set(id, stream)
    void stream.ended.then(() => this.#streams.delete(id))
    if (this.#isClosed) stream.close()
    return id
  }
}
