import { type ELDHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

/** How one thread does, as plain data. */
export type ThreadVitals = {
  /** Since the thread began. */
  readonly activeSeconds: number
  /** How long its event loop was held up at a time, of the last minute or two. */
  readonly delaySeconds: { readonly p50: number; readonly p99: number; readonly max: number }
  readonly heapUsedBytes: number
  readonly heapTotalBytes: number
  readonly connections: ConnectionCount
}

export type ConnectionCount = { readonly open: number; readonly refused: number }

/** `main`, or the number of the thread's place. */
export type NamedThread = ThreadVitals & { readonly thread: string }

const windowMs = 60_000

type Window = { readonly delays: ELDHistogram; since: number }

/**
 * How the thread does that this runs in. Delays are watched from the first time that somebody asks, in two
 * windows that begin a minute apart: the older is told, so that who asks once a minute misses nothing,
 * whoever else asks.
 */
export class ThreadWatch {
  readonly #elapsedMs: () => number
  #windows: readonly [older: Window, newer: Window] | undefined

  constructor(elapsedMs: () => number = () => performance.now()) {
    this.#elapsedMs = elapsedMs
  }

  describe(connections: ConnectionCount): ThreadVitals {
    const { used_heap_size, total_heap_size } = getHeapStatistics()
    return {
      activeSeconds: performance.eventLoopUtilization().active / 1000,
      delaySeconds: this.#describeDelays(),
      heapUsedBytes: used_heap_size,
      heapTotalBytes: total_heap_size,
      connections,
    }
  }

  close(): void {
    for (const { delays } of this.#windows ?? []) delays.disable()
  }

  #describeDelays(): ThreadVitals['delaySeconds'] {
    const { delays } = this.#turn()
    return {
      p50: delays.percentile(50) / 1e9,
      p99: delays.percentile(99) / 1e9,
      max: delays.max / 1e9,
    }
  }

  /** The older window, once the newer is as old as it must be. */
  #turn(): Window {
    const now = this.#elapsedMs()
    this.#windows ??= [openWindow(now), openWindow(now)]
    const [older, newer] = this.#windows
    if (now - newer.since < windowMs) return older
    older.delays.reset()
    older.since = now
    this.#windows = [newer, older]
    return newer
  }
}

function openWindow(since: number): Window {
  // By iteration: an idle loop isn't woken for it.
  const delays = monitorEventLoopDelay({ samplePerIteration: true })
  delays.enable()
  return { delays, since }
}
