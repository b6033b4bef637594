import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

/** What is asked for: the part of a registry that a lie is about. */
export const lieKinds = [
  'base',
  'token',
  'manifests',
  'blobs',
  'tags',
  'referrers',
  'other',
] as const
export type LieKind = (typeof lieKinds)[number]

/** Bytes in place of an answer, and whether the connection ends behind them. */
export type Lie = { readonly bytes: string; readonly isEnd: boolean }

export type Lies = Readonly<Partial<Record<LieKind, Lie>>>

/** An upstream that sends whatever bytes it is told to, HTTP or not; of what it isn't told, it has nothing. */
export class LyingUpstream {
  readonly #server = createServer((socket) => this.#listen(socket))
  readonly #sockets = new Set<Socket>()
  #lies: Lies = {}

  static async start(): Promise<LyingUpstream> {
    const upstream = new LyingUpstream()
    upstream.#server.listen(0, '127.0.0.1')
    await once(upstream.#server, 'listening')
    return upstream
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  tell(lies: Lies): void {
    this.#lies = lies
  }

  stop(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #listen(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket))
    let asked = ''
    socket.on('data', (chunk: Buffer) => {
      asked += chunk.toString('latin1')
      for (let end = asked.indexOf(headEnd); end >= 0; end = asked.indexOf(headEnd)) {
        this.#answer(socket, asked.slice(0, end))
        asked = asked.slice(end + headEnd.length)
      }
    })
  }

  #answer(socket: Socket, head: string): void {
    const [, path = ''] = head.split(' ')
    const { bytes, isEnd } = this.#lies[kindOf(path)] ?? truths[kindOf(path)] ?? nothing
    socket.write(bytes, 'latin1')
    if (isEnd) socket.end()
  }
}

const headEnd = '\r\n\r\n'
const nothing: Lie = { bytes: 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', isEnd: false }
const truths: Lies = {
  base: { bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}', isEnd: false },
}

function kindOf(path: string): LieKind {
  if (/^\/v2\/(?:\?|$)/.test(path)) return 'base'
  if (path.startsWith('/token')) return 'token'
  return lieKinds.find((kind) => path.includes(`/${kind}/`)) ?? 'other'
}
