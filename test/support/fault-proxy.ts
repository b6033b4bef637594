import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { FaultConnection } from './fault-connection.ts'
import type { Cut, Faults } from './fault-lane.ts'

/** What becomes of a new connection. */
type Entry = 'open' | 'refused' | 'reset' | 'swallowed'

/**
 * A TCP proxy before a server, and all that can happen to a network between the two. A test
 * switches the fault; each switch takes the place of the one before, holds for connections that are
 * open too, and resolves once it is in force.
 */
export class FaultProxy {
  readonly #behind: number
  readonly #listener = createServer({ noDelay: true }, (client) => this.#accept(client))
  readonly #clients = new Set<Socket>()
  readonly #pairs = new Set<FaultConnection>()
  #entry: Entry = 'open'
  #faults: Faults = {}
  #port = 0
  #connections = 0
  #bytesToClient = 0

  private constructor(behind: number) {
    this.#behind = behind
  }

  static async start({ port }: { readonly port: number }): Promise<FaultProxy> {
    const proxy = new FaultProxy(port)
    await proxy.pass()
    return proxy
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Connections that were accepted so far, whatever became of them. */
  get connections(): number {
    return this.#connections
  }

  get openConnections(): number {
    return this.#clients.size
  }

  get bytesToClient(): number {
    return this.#bytesToClient
  }

  /** Back to normal; what is stalled goes on. */
  pass(): Promise<void> {
    return this.apply({})
  }

  /** Several faults at once. */
  apply(faults: Faults): Promise<void> {
    return this.#switchTo('open', faults)
  }

  /** After so many bytes, head included; a reset also discards those the client hasn't read yet. */
  cutAfter(bytes: number, cutBy: Cut = 'reset'): Promise<void> {
    return this.apply({ cutAfterBytes: bytes, cutBy })
  }

  /** Sends no more after so many bytes to the client, and keeps the connection open. */
  stallAfter(bytes: number): Promise<void> {
    return this.apply({ stallAfterBytes: bytes })
  }

  /** Bytes come to the client in drops: hundred pieces a second, or one byte each. */
  trickle(bytesPerSecond: number): Promise<void> {
    return this.apply({ pace: { bytesPerSecond, stepMs: 10 } })
  }

  /** A thin line to the client, for each connection. */
  limit(bytesPerSecond: number): Promise<void> {
    return this.apply({ pace: { bytesPerSecond, stepMs: 50 } })
  }

  /** A pause before the first byte of each direction. */
  delay(ms: number): Promise<void> {
    return this.apply({ delayMs: ms })
  }

  /** Nobody listens any more; open connections are reset. */
  refuse(): Promise<void> {
    return this.#switchTo('refused')
  }

  /** New connections are accepted and reset at once, open ones too. */
  reset(): Promise<void> {
    return this.#switchTo('reset')
  }

  /** New connections are accepted and read, and nothing is ever answered; open ones stall. */
  swallow(): Promise<void> {
    return this.#switchTo('swallowed', { stallAfterBytes: 0 })
  }

  async stop(): Promise<void> {
    for (const pair of this.#pairs) pair.close()
    for (const client of this.#clients) client.destroy()
    if (!this.#listener.listening) return
    const closed = once(this.#listener, 'close')
    this.#listener.close()
    await closed
  }

  async #switchTo(entry: Entry, faults: Faults = {}): Promise<void> {
    this.#entry = entry
    this.#faults = faults
    if (entry === 'refused' || entry === 'reset')
      for (const client of this.#clients) client.resetAndDestroy()
    for (const pair of this.#pairs) pair.change(faults)
    if (entry === 'refused') this.#listener.close()
    else if (!this.#listener.listening) await this.#listen()
  }

  /** Always at the port that it got first. */
  async #listen(): Promise<void> {
    this.#listener.listen(this.#port, '127.0.0.1')
    await once(this.#listener, 'listening')
    this.#port = (this.#listener.address() as AddressInfo).port
  }

  #accept(client: Socket): void {
    this.#connections++
    this.#clients.add(client)
    client.on('error', () => {}).on('close', () => this.#clients.delete(client))
    if (this.#entry === 'reset') client.resetAndDestroy()
    else if (this.#entry === 'swallowed') client.resume()
    else this.#connect(client)
  }

  #connect(client: Socket): void {
    const onSent = (bytes: number) => {
      this.#bytesToClient += bytes
    }
    const pair = new FaultConnection(client, { port: this.#behind, faults: this.#faults, onSent })
    this.#pairs.add(pair)
    client.on('close', () => this.#pairs.delete(pair))
  }
}
