import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface RawPullSettings {
  readonly url: URL
  /** The bytes that are to come; nothing is copied. */
  readonly expected: Buffer
  /** Where bytes are read to; it may be shared, since they are compared at once. */
  readonly scratch: Buffer
  readonly onEnd: () => void
}

const headEnd = Buffer.from('\r\n\r\n')

/** One GET over a socket of its own, each byte of whose answer is compared as it arrives. */
export class RawPull {
  readonly #settings: RawPullSettings
  readonly #socket: Socket
  #head = ''
  #isInBody = false
  #endedMs: number | undefined
  position = 0
  firstByteMs: number | undefined
  fault: string | undefined

  constructor(settings: RawPullSettings) {
    this.#settings = settings
    const { url, scratch } = settings
    const callback = (length: number) => this.#take(scratch.subarray(0, length))
    const onread = { buffer: scratch, callback }
    this.#socket = connect({ host: url.hostname, port: Number(url.port), onread })
    this.#socket.on('error', ({ message }) => this.#end(message))
    this.#socket.on('close', () => this.#end('the connection was closed'))
  }

  /** When the last byte came; undefined until then, and for one that failed. */
  get lastByteMs(): number | undefined {
    return this.fault === undefined ? this.#endedMs : undefined
  }

  async connected(): Promise<void> {
    await once(this.#socket, 'connect')
  }

  send(): void {
    const { host, pathname } = this.#settings.url
    this.#socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\n\r\n`)
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #take(bytes: Buffer): boolean {
    if (this.#isInBody) this.#compare(bytes)
    else this.#takeHead(bytes)
    return true
  }

  #takeHead(bytes: Buffer): void {
    const end = bytes.indexOf(headEnd)
    this.#head += bytes.toString('latin1', 0, end === -1 ? bytes.length : end)
    if (end === -1) return
    this.#isInBody = true
    const length = /^content-length: *(\d+)/im.exec(this.#head)?.[1]
    if (!this.#head.startsWith('HTTP/1.1 200 ')) this.#end(this.#head.slice(0, 200))
    else if (Number(length) !== this.#settings.expected.length)
      this.#end(`it announced ${length} bytes`)
    else if (bytes.length > end + headEnd.length)
      this.#compare(bytes.subarray(end + headEnd.length))
  }

  #compare(bytes: Buffer): void {
    const { expected } = this.#settings
    this.firstByteMs ??= performance.now()
    const end = this.position + bytes.length
    const isRight = end <= expected.length && bytes.compare(expected, this.position, end) === 0
    if (isRight) this.position = end
    else this.#end(`wrong bytes between ${this.position} and ${end}`)
    if (this.position === expected.length) this.#end(undefined)
  }

  #end(fault: string | undefined): void {
    if (this.#endedMs !== undefined) return
    this.#endedMs = performance.now()
    this.fault = fault
    this.#socket.destroy()
    this.#settings.onEnd()
  }
}
