import { connect, type Socket } from 'node:net'
import { AnswerMeter } from './answer-meter.ts'
import type { Address, LineCounts, LineLimits } from './limits.ts'
import { Pace } from './pace.ts'

/** The line that a connection is part of. */
export interface RelayLine {
  readonly upstream: Address
  readonly pace: Pace
  readonly counts: { -readonly [key in keyof LineCounts]: LineCounts[key] }
  limits: LineLimits
}

interface Piece {
  readonly buffer: Buffer
  readonly length: number
  readonly dueMs: number
}

const bufferBytes = 64 * 1024
const fewestBuffers = 2
// What may be under way besides what the round trip takes: enough for timers of a millisecond.
const slackMs = 10
const highestBytesPerSecond = 400e6

/**
 * One connection through the line. What upstream sends is read into buffers that are used again,
 * and leaves when it is due; when too much is under way, no more is read, and upstream has to wait.
 */
export class Relay {
  readonly #line: RelayLine
  readonly #client: Socket
  readonly #upstream: Socket
  readonly #meter: AnswerMeter
  readonly #pace = new Pace()
  readonly #openedMs = performance.now()
  readonly #free: Buffer[] = []
  readonly #queue: Piece[] = []
  #reading: Buffer = Buffer.alloc(0)
  #underWay = 0
  #timer: NodeJS.Timeout | undefined
  #hasEnded = false

  constructor(client: Socket, line: RelayLine) {
    this.#line = line
    this.#client = client
    this.#meter = new AnswerMeter(line.counts)
    const buffer = () => {
      this.#reading = this.#free.pop() ?? Buffer.allocUnsafeSlow(bufferBytes)
      return this.#reading
    }
    const callback = (length: number) => this.#take(length)
    this.#upstream = connect({ ...line.upstream, noDelay: true, onread: { buffer, callback } })
    this.#upstream.on('end', () => this.#end())
    this.#client.on('data', (piece: Buffer) => this.#ask(piece))
    this.#client.on('end', () => this.#upstream.end())
    for (const socket of [this.#client, this.#upstream]) {
      socket.on('error', () => this.destroy())
      socket.on('close', () => this.#close(socket))
    }
  }

  destroy(): void {
    clearTimeout(this.#timer)
    this.#client.destroy()
    this.#upstream.destroy()
  }

  /** A new connection takes a round trip before it carries anything. */
  #ask(piece: Buffer): void {
    this.#meter.countRequest(piece)
    const waitMs = this.#openedMs + (this.#line.limits.roundTripMs ?? 0) - performance.now()
    if (waitMs <= 0) this.#upstream.write(piece)
    else setTimeout(() => this.#upstream.write(piece), waitMs)
  }

  #take(length: number): boolean {
    const buffer = this.#reading
    this.#meter.countAnswer(buffer.subarray(0, length))
    this.#queue.push({ buffer, length, dueMs: this.#dueMs(length) })
    this.#underWay++
    if (this.#timer === undefined) this.#send()
    return this.#underWay < this.#mostUnderWay()
  }

  #dueMs(length: number): number {
    const { bytesPerSecond, connectionBytesPerSecond, roundTripMs = 0 } = this.#line.limits
    const ownMs = this.#pace.reserve(length, connectionBytesPerSecond)
    return Math.max(ownMs, this.#line.pace.reserve(length, bytesPerSecond)) + roundTripMs
  }

  #mostUnderWay(): number {
    const {
      bytesPerSecond = highestBytesPerSecond,
      connectionBytesPerSecond = highestBytesPerSecond,
      roundTripMs = 0,
    } = this.#line.limits
    const rate = Math.min(bytesPerSecond, connectionBytesPerSecond)
    const bytes = (rate * (roundTripMs + slackMs)) / 1000
    return Math.max(fewestBuffers, Math.ceil(bytes / bufferBytes))
  }

  /** Sends what is due, and comes back for the next. */
  readonly #send = (): void => {
    this.#timer = undefined
    for (let piece = this.#queue[0]; piece !== undefined; piece = this.#queue[0]) {
      const waitMs = piece.dueMs - performance.now()
      if (waitMs > 0.5) {
        this.#timer = setTimeout(this.#send, waitMs)
        return
      }
      this.#queue.shift()
      this.#write(piece)
    }
    if (this.#hasEnded) this.#client.end()
  }

  #write({ buffer, length }: Piece): void {
    this.#client.write(buffer.subarray(0, length), () => {
      this.#free.push(buffer)
      this.#underWay--
      if (this.#underWay < this.#mostUnderWay()) this.#upstream.resume()
    })
  }

  #end(): void {
    this.#hasEnded = true
    if (this.#timer === undefined) this.#send()
  }

  /** What upstream sent before it closed still reaches the client. */
  #close(socket: Socket): void {
    if (socket === this.#client || !this.#hasEnded) this.destroy()
  }
}
