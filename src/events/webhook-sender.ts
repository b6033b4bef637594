import { setTimeout as delay } from 'node:timers/promises'
import type { Delivery, WebhookRecords } from '../store/webhook-records.ts'
import { deliver } from './deliver.ts'
import type { Hook } from './webhook-hook.ts'

/** What whoever runs the server is told. */
export type WebhookNotices = {
  /** It takes nothing; told once, until it does again. */
  onFailing(hook: string, why: string): void
  onRecovered(hook: string): void
  /** So many were tried for as long as they are. */
  onGivenUp(hook: string, count: number, why: string): void
  /** So many were dropped since it was told last, since too many wait. */
  onDropped(count: number): void
  onError(error: unknown, what: string): void
}

type Settings = {
  readonly hook: Hook
  readonly records: WebhookRecords
  readonly now: () => number
  readonly notices: WebhookNotices
}

const firstPauseMs = 5_000
const longestPauseMs = 3_600_000
const triedForMs = 24 * 3_600_000

/** Between 75 and 125 % of what doubles each time: hooks that fail together needn't be tried together. */
export function pauseAfter(failures: number, random = Math.random()): number {
  const pauseMs = Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs)
  return pauseMs * (0.75 + random / 2)
}

/**
 * Tells one hook what is queued for it, one after the other in their order, until each is taken or a day old.
 * What was taken as the server was killed is told again: receivers know it by its id.
 */
export class WebhookSender {
  readonly #settings: Settings
  readonly #stopping = new AbortController()
  readonly #running: Promise<void>
  #hook: Hook
  #failures = 0
  #woken = Promise.withResolvers<void>()
  /** Ends a pause. */
  #pause = new AbortController()

  constructor(settings: Settings) {
    this.#settings = settings
    this.#hook = settings.hook
    this.#running = this.#run()
  }

  /** There is something for it. */
  wake(): void {
    this.#woken.resolve()
  }

  /** From now on it is told so; what failed is tried again at once. */
  configure(hook: Hook): void {
    this.#hook = hook
    this.#pause.abort()
  }

  /** Breaks off what is under way, which stays queued. */
  async close(): Promise<void> {
    this.#stopping.abort()
    this.#pause.abort()
    this.wake()
    await this.#running
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    const { records, notices } = this.#settings
    const { signal } = this.#stopping
    while (!signal.aborted) {
      try {
        this.#woken = Promise.withResolvers()
        const next = await records.findDelivery(this.#hook.key)
        if (next) await this.#deliver(next)
        else await this.#woken.promise
      } catch (error) {
        notices.onError(error, `what waits for ${this.#hook.name} can't be read or removed now`)
        await this.#wait(firstPauseMs)
      }
    }
  }

  async #deliver({ id, body }: Delivery): Promise<void> {
    const { records, notices } = this.#settings
    const { signal } = this.#stopping
    const fault = await deliver(this.#hook, body, signal)
    if (signal.aborted) return
    if (fault !== undefined) return this.#noteFailure(fault)
    await records.removeDelivery(id)
    if (this.#failures > 0) notices.onRecovered(this.#hook.name)
    this.#failures = 0
  }

  async #noteFailure(fault: string): Promise<void> {
    const { records, now, notices } = this.#settings
    const { key, name } = this.#hook
    this.#failures++
    if (this.#failures === 1) notices.onFailing(name, fault)
    const givenUp = await records.removeOldDeliveries(key, now() - triedForMs)
    if (givenUp > 0) notices.onGivenUp(name, givenUp, fault)
    await this.#wait(pauseAfter(this.#failures))
  }

  async #wait(ms: number): Promise<void> {
    this.#pause = new AbortController()
    if (this.#stopping.signal.aborted) return
    // Only an end of the pause makes it reject.
    await delay(ms, undefined, { signal: this.#pause.signal, ref: false }).catch(() => {})
  }
}
