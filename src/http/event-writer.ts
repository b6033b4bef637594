import type { ServerResponse } from 'node:http'
import type { Event, EventStream } from '../events/any-events.ts'

type Settings = {
  readonly stream: EventStream
  /** As whoever reads may see it; undefined where that is nothing. */
  readonly show: (event: Event) => object | undefined
  /** Whether whoever reads still may; never rejects. */
  readonly isStillIn: () => Promise<boolean>
  readonly onBytes: (count: number) => void
}

const heartbeatMs = 15_000
/** After which browsers come back. */
const retryMs = 3_000
/** Who reads nothing isn't waited for any longer once it is over. */
const takesRestWithinMs = 1_000

/**
 * Writes events to one reader (HTML §9.2, Server-sent events), no faster than it takes them, until either end
 * has enough; what waits meanwhile waits, and is bounded, where the stream comes from.
 */
export class EventWriter {
  readonly #outgoing: ServerResponse
  readonly #settings: Settings
  readonly #closed: Promise<void>

  constructor(outgoing: ServerResponse, settings: Settings) {
    this.#outgoing = outgoing
    this.#settings = settings
    this.#closed = new Promise((resolve) => {
      if (outgoing.destroyed) resolve()
      else outgoing.once('close', resolve)
    })
  }

  /** Resolves when it has ended. */
  async run(): Promise<void> {
    const { stream } = this.#settings
    const heart = setInterval(() => void this.#beat(), heartbeatMs)
    const over = Promise.race([stream.ended, this.#closed])
    try {
      // Also while it is written to a reader that takes nothing.
      await Promise.race([this.#writeAll(), over])
    } finally {
      clearInterval(heart)
      stream.close()
      await this.#end()
    }
  }

  async #writeAll(): Promise<void> {
    const { stream, show, isStillIn } = this.#settings
    await this.#write(`retry: ${retryMs}\n\n`)
    for (;;) {
      const events = await stream.next()
      if (events === undefined || !(await isStillIn())) return
      for (const event of events) await this.#write(toMessage(event, show(event)))
    }
  }

  /** Never rejects. */
  async #beat(): Promise<void> {
    if (!(await this.#settings.isStillIn())) this.#settings.stream.close()
    // Proxies end connections on which nothing comes.
    else if (!this.#outgoing.writableNeedDrain) await this.#write(': still here\n\n')
  }

  /** Resolves when it may be written on. */
  async #write(text: string): Promise<void> {
    const outgoing = this.#outgoing
    if (text === '' || outgoing.destroyed || outgoing.writableEnded) return
    this.#settings.onBytes(Buffer.byteLength(text))
    if (outgoing.write(text)) return
    const drained = new Promise<void>((resolve) => void outgoing.once('drain', resolve))
    await Promise.race([drained, this.#closed])
  }

  async #end(): Promise<void> {
    this.#outgoing.end()
    const timer = setTimeout(() => this.#outgoing.destroy(), takesRestWithinMs)
    await this.#closed
    clearTimeout(timer)
  }
}

/** By its id a reader goes on where it was; JSON has no line breaks. */
function toMessage({ id, kind, isPassing }: Event, shown: object | undefined): string {
  if (shown === undefined) return ''
  const idLine = isPassing ? '' : `id: ${id}\n`
  return `${idLine}event: ${kind}\ndata: ${JSON.stringify(shown)}\n\n`
}
