import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
}

export interface Request {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as it is. */
  readonly body?: readonly Buffer[]
}

interface Waiting {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

/** One connection that asks and is answered in turn. A body costs one call for all of it. */
export class PushConnection {
  readonly #host: string
  readonly #socket: Socket
  #waiting: Waiting | undefined
  #method = ''
  #received = ''

  constructor(origin: string) {
    const { hostname, port, host } = new URL(origin)
    this.#host = host
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true })
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => this.#take(text))
    this.#socket.on('error', (error) => this.#waiting?.reject(error))
    this.#socket.on('close', () => this.#waiting?.reject(new Error('the connection was closed')))
  }

  ask({ method, path, headers = {}, body = [] }: Request): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    this.#waiting = { resolve, reject }
    this.#method = method
    const lines = Object.entries({ Host: this.#host, ...headers })
    const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    this.#socket.cork()
    this.#socket.write(`${method} ${path} HTTP/1.1\r\n${head}\r\n`, 'latin1')
    for (const piece of body) this.#socket.write(piece)
    this.#socket.uncork()
    return promise
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(text: string): void {
    this.#received += text
    const headEnd = this.#received.indexOf('\r\n\r\n')
    if (headEnd < 0) return
    const answer = readHead(this.#received.slice(0, headEnd))
    const isBodiless = this.#method === 'HEAD' || answer.status === 204
    const length = isBodiless ? 0 : Number(answer.headers.get('content-length') ?? 0)
    if (this.#received.length < headEnd + 4 + length) return
    this.#received = this.#received.slice(headEnd + 4 + length)
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve(answer)
  }
}

const readHead = (head: string): Answer => {
  const [statusLine = '', ...lines] = head.split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  return { status: Number(statusLine.split(' ')[1]), headers: new Map(headers) }
}
