import type { EventData, EventKind } from './event-data.ts'

/**
 * The room of events: what happens is told to whoever listens, on streams and by webhooks. It hears of
 * everything and decides nothing; who may see what is up to whoever shows it.
 */

/** What happened, as plain data. */
export type NewEvent = {
  [Kind in EventKind]: { readonly kind: Kind; readonly data: EventData[Kind] }
}[EventKind]

export type Event = NewEvent & {
  /** Of no two events. */
  readonly id: string
  /** Which server tells it. */
  readonly source: string
  readonly at: number
  /** Whether it is over at once: it isn't told again to whoever comes back. */
  readonly isPassing: boolean
}

/** What is told of what happens; it never throws, and never waits. */
export type EventSink = { emit(event: NewEvent): void }

export type StreamOptions = {
  /** For whom it is: none may have all of them. */
  readonly client: string
  /** Only these. */
  readonly kinds: readonly EventKind[]
  /** The id of the last event that is known already; what came since then comes first. */
  readonly after: string | undefined
}

/** What happens from now on, asked from the thread where it is known or from another. */
export interface AnyEvents {
  /** Throws RegistryError: TOOMANYREQUESTS where the client has too many, UNAVAILABLE where all have. */
  open(options: StreamOptions): Promise<EventStream>
}

export interface EventStream {
  /**
   * The next ones, at least one, once there are any; not asked again before it has answered. Undefined at the
   * end: it was closed, the server stops, or more has waited than is kept.
   */
  next(): Promise<readonly Event[] | undefined>
  /** Resolves at the end; never rejects. */
  readonly ended: Promise<void>
  /** Whoever waits is told that it has ended. Calling it twice is fine. */
  close(): void
}
