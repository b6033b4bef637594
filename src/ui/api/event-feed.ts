import { type EventKind, eventKinds } from '../../events/event-data.ts'
import { apiUrl } from './ask.ts'
import type { FeedEvent } from './feed-event.ts'

export type { FeedEvent } from './feed-event.ts'

export type FeedState = 'live' | 'connecting' | 'paused'

const firstWaitMs = 2_000
const longestWaitMs = 60_000

/**
 * One stream of events for all of the page, open as long as somebody listens and the page is looked at:
 * browsers have six connections for all pages of a host, and one that nobody sees needs none of them.
 */
export class EventFeed {
  readonly #listeners = new Set<(event: FeedEvent) => void>()
  readonly #watchers = new Set<() => void>()
  #source: EventSource | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #waitMs = firstWaitMs
  #state: FeedState = 'paused'

  constructor() {
    document.addEventListener('visibilitychange', () => this.#adjust())
  }

  get state(): FeedState {
    return this.#state
  }

  /** Returns what ends it. */
  listen(listener: (event: FeedEvent) => void): () => void {
    this.#listeners.add(listener)
    this.#adjust()
    return () => {
      this.#listeners.delete(listener)
      this.#adjust()
    }
  }

  /** Hears when `state` changes; returns what ends it. */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** For somebody who has just logged in or out. */
  reopen(): void {
    this.#close()
    this.#adjust()
  }

  #adjust(): void {
    const isWanted = this.#listeners.size > 0 && document.visibilityState === 'visible'
    if (isWanted && !this.#source && !this.#timer) this.#open()
    if (!isWanted) this.#close()
  }

  #open(): void {
    this.#turn('connecting')
    const source = new EventSource(apiUrl('events'))
    this.#source = source
    source.onopen = () => {
      this.#waitMs = firstWaitMs
      this.#turn('live')
    }
    source.onerror = () => this.#comeBackLater()
    for (const kind of [...eventKinds, 'missed'] as const) {
      source.addEventListener(kind, (message) => this.#tell(kind, message))
    }
  }

  /** A browser gives up where the server refuses, as it does while it starts or has too many listeners. */
  #comeBackLater(): void {
    this.#close()
    this.#turn('connecting')
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#adjust()
    }, this.#waitMs)
    this.#waitMs = Math.min(this.#waitMs * 2, longestWaitMs)
  }

  #close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#source?.close()
    this.#source = undefined
    this.#turn('paused')
  }

  #tell(kind: EventKind, { data }: MessageEvent<string>): void {
    const event = { ...JSON.parse(data), kind } as FeedEvent
    for (const listener of this.#listeners) listener(event)
  }

  #turn(state: FeedState): void {
    if (state === this.#state) return
    this.#state = state
    for (const watcher of this.#watchers) watcher()
  }
}

export const eventFeed = new EventFeed()
