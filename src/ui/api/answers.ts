import type { SessionAnswer } from '../../answers/session.ts'
import { ApiError, ask } from './ask.ts'

/** What is known of an answer. */
export type Known = {
  /** The last one, also while the next is on its way or doesn't come. */
  readonly data: unknown
  /** Why the next doesn't come. */
  readonly error: ApiError | undefined
}

type Entry = {
  known: Known
  /** When the last answer came. */
  answeredAt: number
  readonly watchers: Set<() => void>
  /** When it was asked for last. */
  askedAt: number
  /** Breaks off what is asked; undefined where nothing is. */
  leaving: AbortController | undefined
  /** It is asked for again after a while. */
  later: ReturnType<typeof setTimeout> | undefined
}

/** Who is asking, for the server. */
const whoPath = 'session'
const nothing: Known = { data: undefined, error: undefined }
/** Whoever asks again so soon gets the same. */
const freshMs = 2_000
/** Where much happens at once, its thousand events are no thousand questions. */
const apartMs = 1_000
const retriesMs = [1_000, 3_000]
/** Of those that nobody looks at any more, for who comes back. */
const mostKept = 100

/** What the API has answered, by path: asked for once for all who show it, and anew when it may be another. */
export class Answers {
  readonly #entries = new Map<string, Entry>()
  #lastAt: number | undefined

  constructor() {
    document.addEventListener('visibilitychange', () => this.#comeBack())
  }

  /** Asks for it, unless it is fresh, and tells of every change; returns what ends that. */
  watch(path: string, watcher: () => void, everyMs?: number): () => void {
    const entry = this.#find(path)
    entry.watchers.add(watcher)
    if (!isFresh(entry) && !isAsking(entry)) this.#ask(path, entry)
    const again = () => {
      if (document.visibilityState === 'visible' && !isAsking(entry)) this.#ask(path, entry)
    }
    const timer = everyMs === undefined ? undefined : setInterval(again, everyMs)
    return () => {
      clearInterval(timer)
      entry.watchers.delete(watcher)
      if (entry.watchers.size === 0) this.#leave(entry)
    }
  }

  /** When the server answered last, whatever it was asked. */
  get lastAt(): number | undefined {
    return this.#lastAt
  }

  read(path: string): Known {
    return this.#entries.get(path)?.known ?? nothing
  }

  /** What is shown of these is asked for anew, within a second, and the others when somebody wants to see them. */
  invalidate(isMeant: (path: string) => boolean = () => true): void {
    for (const [path, entry] of this.#entries) {
      if (!isMeant(path)) continue
      entry.answeredAt = 0
      if (entry.watchers.size > 0) this.#askSoon(path, entry)
    }
  }

  /** For somebody else: nothing of it is shown any longer. */
  reset(): void {
    for (const [path, entry] of this.#entries) {
      // What is on its way may still be for whoever it was.
      this.#leave(entry)
      entry.answeredAt = 0
      this.#tell(entry, nothing)
      if (entry.watchers.size > 0) this.#ask(path, entry)
    }
  }

  #find(path: string): Entry {
    const known = this.#entries.get(path)
    // Those that were looked at last come last.
    this.#entries.delete(path)
    const entry = known ?? newEntry()
    this.#entries.set(path, entry)
    this.#forgetOld()
    return entry
  }

  #forgetOld(): void {
    const unseen = [...this.#entries].filter(([, { watchers }]) => watchers.size === 0)
    for (const [path] of unseen.slice(0, -mostKept)) this.#entries.delete(path)
  }

  #askSoon(path: string, entry: Entry): void {
    const waitMs = entry.askedAt + apartMs - Date.now()
    if (waitMs <= 0) this.#ask(path, entry)
    else entry.later ??= setTimeout(() => this.#ask(path, entry), waitMs)
  }

  #ask(path: string, entry: Entry, tries = 0): void {
    this.#leave(entry)
    const leaving = new AbortController()
    entry.leaving = leaving
    entry.askedAt = Date.now()
    ask<unknown>(path, { signal: leaving.signal }).then(
      (data) => {
        if (leaving.signal.aborted) return
        entry.leaving = undefined
        entry.answeredAt = Date.now()
        this.#lastAt = entry.answeredAt
        this.#tell(entry, { data: sameOr(entry.known.data, data), error: undefined })
      },
      (error: unknown) => {
        if (leaving.signal.aborted) return
        entry.leaving = undefined
        if (isRefused(error)) this.#lookWhoAsks()
        // Where it is known to fail, the next look is soon enough.
        const isNew = entry.known.error === undefined && isPassing(error)
        const afterMs = isNew ? retriesMs[tries] : undefined
        if (afterMs === undefined) this.#tell(entry, { ...entry.known, error: toApiError(error) })
        else entry.later ??= setTimeout(() => this.#ask(path, entry, tries + 1), afterMs)
      },
    )
  }

  /** Whoever was signed in may be so no longer: a session has an end, and an admin can end it too. */
  #lookWhoAsks(): void {
    const known = this.read(whoPath).data as SessionAnswer | undefined
    if (known && known.kind !== 'anonymous') this.invalidate((path) => path === whoPath)
  }

  #leave(entry: Entry): void {
    clearTimeout(entry.later)
    entry.leaving?.abort()
    entry.later = undefined
    entry.leaving = undefined
  }

  #tell(entry: Entry, known: Known): void {
    entry.known = known
    for (const watcher of entry.watchers) watcher()
  }

  /** A page that nobody looked at asked for nothing meanwhile. */
  #comeBack(): void {
    if (document.visibilityState !== 'visible') return
    this.invalidate((path) => {
      const entry = this.#entries.get(path)
      return entry !== undefined && !isFresh(entry)
    })
  }
}

export const answers = new Answers()

export function toApiError(error: unknown): ApiError | undefined {
  if (error === null || error === undefined) return undefined
  return error instanceof ApiError ? error : new ApiError(0, String(error))
}

function newEntry(): Entry {
  const waiting = { askedAt: 0, leaving: undefined, later: undefined }
  return { known: nothing, answeredAt: 0, watchers: new Set(), ...waiting }
}

function isFresh({ answeredAt }: Entry): boolean {
  return Date.now() - answeredAt < freshMs
}

function isAsking({ leaving, later }: Entry): boolean {
  return leaving !== undefined || later !== undefined
}

function isRefused(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401
}

/** The server starts, or a proxy in front of it can't reach it. */
function isPassing(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 502
}

/** What is equal stays the same, so that nothing is drawn anew for it. */
function sameOr(before: unknown, now: unknown): unknown {
  return JSON.stringify(before) === JSON.stringify(now) ? before : now
}
