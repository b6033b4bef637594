import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

export interface SlowClientsOptions {
  readonly host: string
  readonly port: number
  readonly connections: number
  /** Between two drops on one connection. */
  readonly dropEveryMs: number
}

/** So many at once wait to be accepted: more would overflow the queue for that. */
const lot = 100
const lotEveryMs = 20

/** What each sends at first; then it sends drops that end nothing. */
const beginnings: readonly { readonly begin: string; readonly drop: string }[] = [
  { begin: 'GET /v2/ HTTP/1.1\r\nHost: h\r\n', drop: 'X-Drop: 1\r\n' },
  {
    begin: 'PUT /v2/slow/app/manifests/1 HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n',
    drop: ' ',
  },
  { begin: '', drop: '' },
  {
    begin:
      'POST /v2/slow/app/blobs/uploads/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n',
    drop: '1\r\nx\r\n',
  },
]

/** Slow-loris: connections that never finish a request, each begun anew when the server closes it. */
export class SlowClients implements Disposable {
  readonly #options: SlowClientsOptions
  readonly #sockets = new Set<Socket>()
  #isOver = false
  /** How often the server closed one. */
  closed = 0

  constructor(options: SlowClientsOptions) {
    this.#options = options
  }

  /** Resolves when all of them have begun. */
  async start(): Promise<void> {
    for (let index = 0; index < this.#options.connections; index++) {
      if (index % lot === lot - 1) await sleep(lotEveryMs)
      this.#open(index)
    }
  }

  get open(): number {
    return this.#sockets.size
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    for (const socket of this.#sockets) socket.destroy()
  }

  #open(index: number): void {
    const { host, port, dropEveryMs } = this.#options
    const { begin, drop } = beginnings[index % beginnings.length] ?? { begin: '', drop: '' }
    const socket = connect({ host, port })
    this.#sockets.add(socket)
    const dropping = setInterval(() => socket.write(drop), dropEveryMs)
    // A server may refuse it at any moment.
    socket.on('error', () => {}).resume()
    socket.once('connect', () => socket.write(begin))
    socket.once('close', () => {
      clearInterval(dropping)
      this.#sockets.delete(socket)
      if (this.#isOver) return
      this.closed++
      setTimeout(() => this.#isOver || this.#open(index), dropEveryMs)
    })
  }
}
