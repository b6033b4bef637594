import { setTimeout as delay } from 'node:timers/promises'
import type { NewDelivery, WebhookRecords } from '../store/webhook-records.ts'
import type { WebhookNotices } from './webhook-sender.ts'

type Settings = {
  readonly records: WebhookRecords
  readonly notices: WebhookNotices
  /** These are queued on the disk now. */
  readonly onQueued: (added: readonly NewDelivery[]) => void
}

const bounds = { most: 10_000, mostBytes: 16 * 1024 ** 2 }
const mostGathered = 1_000
const writtenAtOnce = 100
const tryAgainMs = 5_000
/** Of what is dropped. */
const tellEveryMs = 3_600_000

/** Brings what is to be told to the disk, at once or as soon as it takes it; beyond its bounds the oldest go. */
export class WebhookQueue {
  readonly #settings: Settings
  readonly #stopping = new AbortController()
  #gathered: NewDelivery[] = []
  #writing: Promise<void> | undefined
  /** Since that was told. */
  #dropped = 0
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(settings: Settings) {
    this.#settings = settings
  }

  add(delivery: NewDelivery): void {
    this.#gathered.push(delivery)
    if (this.#gathered.length > mostGathered) {
      this.#gathered.shift()
      this.#noteDropped(1)
    }
    this.#writing ??= this.#write()
  }

  /** Tries a last time to write what isn't on the disk yet. */
  async close(): Promise<void> {
    this.#stopping.abort()
    await this.#writing
    try {
      while (this.#gathered.length > 0) await this.#writeSome()
    } catch (error) {
      const what = `the last ${this.#gathered.length} events for webhooks are lost`
      this.#settings.notices.onError(error, what)
    }
    this.#tellOfDropped()
  }

  /** Never rejects. */
  async #write(): Promise<void> {
    const { signal } = this.#stopping
    let isTold = false
    // What happens in the same moment is written together.
    await Promise.resolve()
    while (this.#gathered.length > 0 && !signal.aborted) {
      try {
        await this.#writeSome()
      } catch (error) {
        const what = "events for webhooks can't be queued on the disk; that is tried until they are"
        if (!isTold) this.#settings.notices.onError(error, what)
        isTold = true
        // Only the end of the server makes it reject.
        await delay(tryAgainMs, undefined, { signal, ref: false }).catch(() => {})
      }
    }
    this.#writing = undefined
  }

  async #writeSome(): Promise<void> {
    const { records, onQueued } = this.#settings
    const added = this.#gathered.slice(0, writtenAtOnce)
    this.#noteDropped(await records.addDeliveries(added, bounds))
    const written = new Set(added)
    // Where too many were gathered meanwhile, some of these are gone from it.
    this.#gathered = this.#gathered.filter((delivery) => !written.has(delivery))
    onQueued(added)
  }

  #noteDropped(count: number): void {
    this.#dropped += count
    if (performance.now() - this.#toldAt > tellEveryMs) this.#tellOfDropped()
  }

  #tellOfDropped(): void {
    if (this.#dropped === 0) return
    this.#settings.notices.onDropped(this.#dropped)
    this.#dropped = 0
    this.#toldAt = performance.now()
  }
}
