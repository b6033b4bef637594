import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished, vi } from 'vitest'

export interface Received {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly event: {
    readonly id: string
    readonly type: string
    readonly subject?: string
    readonly data: Readonly<Record<string, unknown>>
  }
}

/** A webhook's receiver, as a real HTTP server, until the test ends. */
export class HookReceiver {
  /** In the order of arrival, whatever was answered. */
  readonly received: Received[] = []
  /** What it answers with from now on, and with which headers. */
  status = 204
  headers: Readonly<Record<string, string>> = {}
  readonly #server = createServer(async (incoming, response) => {
    const chunks = await incoming.toArray()
    const body = Buffer.concat(chunks).toString()
    const { url = '', headers } = incoming
    this.received.push({ url, headers, body, event: JSON.parse(body) })
    response.writeHead(this.status, this.headers).end()
  })
  #port = 0

  static async start(): Promise<HookReceiver> {
    const receiver = new HookReceiver()
    await receiver.start()
    onTestFinished(() => receiver.stop())
    return receiver
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`
  }

  /** Once so many have arrived. */
  async wait(count: number): Promise<readonly Received[]> {
    await vi.waitFor(() => {
      if (this.received.length < count) throw new Error(`only ${this.received.length} arrived`)
    }, 10_000)
    return this.received
  }

  /** At the same address as before. */
  async start(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}
