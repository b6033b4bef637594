import { connect, type Socket } from 'node:net'

const maxHeadBytes = 16 * 1024

/** What all connections of a loader have moved so far. */
export interface Counters {
  /** Answers whose head has come, all of them 200. */
  begun: number
  /** Answers that came whole. */
  requests: number
  /** Bytes of bodies, also of those still under way. */
  bytes: number
}

export interface RawConnectionOptions {
  readonly host: string
  readonly port: number
  /** What goes out for the next request, head and all. */
  readonly nextRequest: () => string
  /** Where bytes arrive. All connections may share it: nothing in it outlives one callback. */
  readonly buffer: Uint8Array
  /** How fast to read; undefined means as fast as it can. */
  readonly bytesPerSecond: number | undefined
  readonly counters: Counters
  readonly onError: (error: Error) => void
}

/**
 * A connection that asks again as soon as an answer is whole, and reads as little of HTTP as
 * measuring takes: a status of 200 and a Content-Length. Nothing is allocated for a chunk.
 */
export class RawConnection {
  readonly #options: RawConnectionOptions
  readonly #socket: Socket
  readonly #pace: Pace | undefined
  #head = ''
  #bodyLeft = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: RawConnectionOptions) {
    const { host, port, buffer, bytesPerSecond, onError } = options
    this.#options = options
    this.#pace = bytesPerSecond === undefined ? undefined : new Pace(bytesPerSecond)
    const onread = { buffer, callback: (length: number) => this.#take(length) }
    this.#socket = connect({ host, port, noDelay: true, onread })
    this.#socket.once('connect', () => this.#ask())
    this.#socket.on('error', onError)
    this.#socket.on('end', () => onError(new Error('the server closed the connection')))
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#socket.removeAllListeners('end')
    this.#socket.destroy()
  }

  #ask(): void {
    this.#socket.write(this.#options.nextRequest(), 'latin1')
  }

  /** False pauses the socket. */
  #take(length: number): boolean {
    try {
      let position = 0
      while (position < length)
        position =
          this.#bodyLeft > 0 ? this.#takeBody(position, length) : this.#takeHead(position, length)
    } catch (error) {
      this.#options.onError(error instanceof Error ? error : new Error(String(error)))
      return false
    }
    return this.#pace === undefined || this.#keepPace(this.#pace, length)
  }

  #takeBody(position: number, length: number): number {
    const { counters } = this.#options
    const count = Math.min(this.#bodyLeft, length - position)
    counters.bytes += count
    this.#bodyLeft -= count
    if (this.#bodyLeft === 0) this.#endAnswer()
    return position + count
  }

  #takeHead(position: number, length: number): number {
    const known = this.#head.length
    const end = Math.min(length, position + maxHeadBytes)
    this.#head += Buffer.from(this.#options.buffer.subarray(position, end)).toString('latin1')
    const headEnd = this.#head.indexOf('\r\n\r\n')
    if (headEnd < 0) {
      if (this.#head.length > maxHeadBytes) throw new Error('the head of an answer has no end')
      return end
    }
    this.#bodyLeft = readBodyLength(this.#head.slice(0, headEnd))
    this.#head = ''
    this.#options.counters.begun++
    if (this.#bodyLeft === 0) this.#endAnswer()
    return position + headEnd + 4 - known
  }

  #endAnswer(): void {
    this.#options.counters.requests++
    this.#ask()
  }

  #keepPace(pace: Pace, length: number): boolean {
    const waitMs = pace.waitAfter(length)
    if (waitMs <= 0) return true
    this.#timer = setTimeout(() => this.#socket.resume(), waitMs)
    return false
  }
}

/** When a reader of so many bytes per second may go on. */
class Pace {
  readonly #bytesPerSecond: number
  readonly #startedAt = performance.now()
  #bytes = 0

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond
  }

  waitAfter(bytes: number): number {
    this.#bytes += bytes
    const dueMs = (this.#bytes / this.#bytesPerSecond) * 1000
    return this.#startedAt + dueMs - performance.now()
  }
}

const readBodyLength = (head: string): number => {
  if (!/^HTTP\/1\.1 200 /.test(head)) throw new Error(`answered with ${head.split('\r\n')[0]}`)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length === undefined) throw new Error(`no Content-Length in ${JSON.stringify(head)}`)
  return Number(length)
}
