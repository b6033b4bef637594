import type { Config } from '../config/config.ts'
import type { NewDelivery, WebhookRecords } from '../store/webhook-records.ts'
import type { Event } from './any-events.ts'
import { toCloudEvent } from './cloud-event.ts'
import { type Hook, toHooks } from './webhook-hook.ts'
import { WebhookQueue } from './webhook-queue.ts'
import { type WebhookNotices, WebhookSender } from './webhook-sender.ts'

type Settings = {
  readonly records: WebhookRecords
  readonly config: Pick<Config, 'webhooks'>
  readonly now: () => number
  readonly notices: WebhookNotices
}

/** Tells the hooks of mirrors.yaml what happens, by a queue on the disk; none waits for another. */
export class Webhooks {
  readonly #settings: Settings
  readonly #queue: WebhookQueue
  readonly #senders = new Map<string, WebhookSender>()
  #hooks: readonly Hook[] = []
  #changing: Promise<void> = Promise.resolve()
  #isClosed = false

  /** What an earlier run has left is told too. */
  constructor(settings: Settings) {
    this.#settings = settings
    const { records, notices } = settings
    const onQueued = (added: readonly NewDelivery[]) => this.#wake(added)
    this.#queue = new WebhookQueue({ records, notices, onQueued })
    this.configure(settings.config)
  }

  /** Takes up a changed configuration. What waits for a hook that isn't there any more is dropped. */
  configure({ webhooks }: Pick<Config, 'webhooks'>): void {
    this.#hooks = toHooks(webhooks)
    this.#changing = this.#changing.then(() => this.#change(this.#hooks))
  }

  /** An event is to be told. */
  take(event: Event): void {
    if (this.#isClosed) return
    const hooks = this.#hooks.filter((hook) => hook.isFor(event))
    if (hooks.length === 0) return
    const body = JSON.stringify(toCloudEvent(event))
    for (const { key } of hooks) this.#queue.add({ hook: key, body, queuedAt: event.at })
  }

  /** What is still to be told stays queued. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#changing
    await this.#queue.close()
    await Promise.all([...this.#senders.values()].map((sender) => sender.close()))
  }

  /** Never rejects. */
  async #change(hooks: readonly Hook[]): Promise<void> {
    const { records, notices } = this.#settings
    const keys = new Set(hooks.map(({ key }) => key))
    const gone = [...this.#senders].filter(([key]) => !keys.has(key))
    for (const [key] of gone) this.#senders.delete(key)
    await Promise.all(gone.map(([, sender]) => sender.close()))
    try {
      await records.keepDeliveriesOf([...keys])
    } catch (error) {
      notices.onError(error, "what waits for webhooks that aren't configured any more stays")
    }
    if (this.#isClosed) return
    for (const hook of hooks) {
      const sender = this.#senders.get(hook.key)
      if (sender) sender.configure(hook)
      else this.#senders.set(hook.key, this.#begin(hook))
    }
  }

  #begin(hook: Hook): WebhookSender {
    const { records, now, notices } = this.#settings
    return new WebhookSender({ hook, records, now, notices })
  }

  #wake(added: readonly NewDelivery[]): void {
    for (const { hook } of added) this.#senders.get(hook)?.wake()
  }
}
