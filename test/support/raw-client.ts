import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'

/** Sent as it is: neither dots nor escapes in the path are touched. */
export interface RawRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  /** Breaks the connection. */
  readonly signal?: AbortSignal
}

export interface Reply {
  /** 0 where the connection broke before there was any answer. */
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** Whether the answer came to its end as announced. */
  readonly isComplete: boolean
}

interface Target {
  readonly port: number
}

/** Asks on a connection of its own and reads the answer, however it ends. */
export const ask = async (
  target: Target,
  path: string,
  options: RawRequest = {},
): Promise<Reply> => {
  const reply = await openReply(target, path, options).catch(undefinedIfReset)
  return reply?.finish() ?? { status: 0, headers: {}, body: Buffer.alloc(0), isComplete: false }
}

/** Sends the value as JSON. */
export const post = (
  target: Target,
  path: string,
  json: unknown,
  others: Readonly<Record<string, string>> = {},
): Promise<Reply> => {
  const headers = { 'content-type': 'application/json', ...others }
  return ask(target, path, { method: 'POST', headers, body: JSON.stringify(json) })
}

/** EPIPE: the server hung up before it had read the whole request. */
const undefinedIfReset = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') throw error
}

/** The answer's head has arrived; its body is read as the test wants. */
export class OpenReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly #incoming: IncomingMessage
  readonly #chunks: Buffer[] = []
  #receivedBytes = 0

  constructor(incoming: IncomingMessage) {
    this.status = incoming.statusCode ?? 0
    this.headers = incoming.headers
    this.#incoming = incoming
  }

  get receivedBytes(): number {
    return this.#receivedBytes
  }

  /** Reads on until at least so many bytes have arrived, then no further. */
  async read(bytes: number): Promise<Buffer> {
    while (this.#receivedBytes < bytes) {
      if (!this.#take() && this.#incoming.readableEnded) throw new Error('the body ended before')
      if (this.#receivedBytes < bytes) await once(this.#incoming, 'readable')
    }
    return Buffer.concat(this.#chunks)
  }

  /** Reads to the end, be it announced or not. */
  async finish(): Promise<Reply> {
    this.#incoming.on('error', () => {})
    this.#incoming.on('data', (chunk: Buffer) => this.#keep(chunk))
    if (!this.#incoming.closed) await once(this.#incoming, 'close').catch(() => {})
    const { status, headers } = this
    return {
      status,
      headers,
      body: Buffer.concat(this.#chunks),
      isComplete: this.#incoming.complete,
    }
  }

  /** Breaks the connection, as a client does that is gone. */
  leave(): void {
    this.#incoming.on('error', () => {}).destroy()
  }

  #take(): boolean {
    const chunk = this.#incoming.read() as Buffer | null
    if (chunk) this.#keep(chunk)
    return chunk !== null
  }

  #keep(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#receivedBytes += chunk.length
  }
}

export const openReply = async (
  { port }: Target,
  path: string,
  { body, ...options }: RawRequest = {},
): Promise<OpenReply> => {
  const asked = request({ host: '127.0.0.1', port, path, ...options, agent: false }).end(body)
  // A connection that breaks after the head is told of here too; who reads the body sees it there.
  asked.on('error', () => {})
  const [incoming] = (await once(asked, 'response')) as [IncomingMessage]
  return new OpenReply(incoming)
}

/** Sends these bytes and gives all that comes back until the server hangs up. */
export const sendRaw = async ({ port }: Target, text: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  // A server that refuses a request may hang up before it has read it all.
  socket.on('error', () => {})
  socket.write(text)
  await once(socket, 'close').catch(() => {})
  return Buffer.concat(chunks).toString('latin1')
}

/** The first error of an answer in the registry's form. */
export const errorOf = ({ body }: Reply): { code: string; message: string } =>
  (JSON.parse(body.toString()) as { errors: [{ code: string; message: string }] }).errors[0]
