import type { Socket } from 'node:net'

/** What goes wrong with the bytes of a connection; all that is set at once. */
export interface Faults {
  /** Bytes to the client after which the connection ends. */
  readonly cutAfterBytes?: number
  readonly cutBy?: Cut
  /** Bytes to the client after which no more come, while the connection stays open. */
  readonly stallAfterBytes?: number
  /** Time before the first byte, in each direction. */
  readonly delayMs?: number
  readonly pace?: Pace
}

/** The end of an answer without length looks like `fin`; a broken network looks like `reset`. */
export type Cut = 'reset' | 'fin'

export interface Pace {
  readonly bytesPerSecond: number
  /** The bytes of so much time go out at once. */
  readonly stepMs: number
}

/** What is told of each piece that has left, and of the end of a lane that is cut. */
export interface LaneEvents {
  onSent(bytes: number): void
  onCut(): void
}

/** Time that a late timer may make up for. */
const catchUpMs = 100

/**
 * One direction of a connection. It takes from one end only what the faults let it give to the
 * other, piece by piece, so that a slow lane fills the buffers behind it and holds up the sender.
 */
export class FaultLane {
  readonly #from: Socket
  readonly #to: Socket
  readonly #events: LaneEvents
  #faults: Faults
  /** Since the faults changed: `cutAfter` on an open connection means from now on. */
  #sentBytes = 0
  #dueAt: number | undefined
  #timer: NodeJS.Timeout | undefined
  #isSending = false

  constructor(ends: { from: Socket; to: Socket }, faults: Faults, events: LaneEvents) {
    this.#from = ends.from.on('readable', this.#step).on('end', this.#step)
    this.#to = ends.to
    this.#events = events
    this.#faults = faults
  }

  change(faults: Faults): void {
    this.#faults = faults
    this.#sentBytes = 0
    this.#dueAt = undefined
    this.#step()
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  readonly #step = (): void => {
    clearTimeout(this.#timer)
    if (this.#isSending) return
    if (this.#from.readableEnded) this.#passEnd()
    // Reading on shows the end; where nobody takes the bytes any more, they are dropped for that.
    else if (this.#from.readableLength === 0 || this.#to.destroyed) this.#from.read()
    else if (this.#leftBytes() === 0) this.#cutIfDue()
    else this.#sendWhenDue()
  }

  #sendWhenDue(): void {
    this.#dueAt ??= performance.now() + (this.#faults.delayMs ?? 0)
    const waitMs = Math.ceil(this.#dueAt - performance.now())
    if (waitMs > 0) this.#timer = setTimeout(this.#step, waitMs)
    else this.#send(this.#from.read(this.#pieceBytes()) as Buffer)
  }

  /** Waits until the piece is out: only then it counts, and a reset can't overtake it. */
  #send(piece: Buffer): void {
    const { pace } = this.#faults
    this.#sentBytes += piece.length
    if (pace) {
      const paidUntil = Math.max(this.#dueAt ?? 0, performance.now() - catchUpMs)
      this.#dueAt = paidUntil + (piece.length / pace.bytesPerSecond) * 1000
    }
    this.#isSending = true
    this.#to.write(piece, (error) => {
      this.#isSending = false
      if (!error) this.#events.onSent(piece.length)
      if (this.#leftBytes() === 0) this.#cutIfDue()
      else this.#step()
    })
  }

  #cutIfDue(): void {
    if (this.#sentBytes >= (this.#faults.cutAfterBytes ?? Infinity)) this.#events.onCut()
  }

  /** A stalled lane holds back the end too. */
  #passEnd(): void {
    if (this.#leftBytes() > 0) this.#to.end()
  }

  #leftBytes(): number {
    const { cutAfterBytes = Infinity, stallAfterBytes = Infinity } = this.#faults
    return Math.max(0, Math.min(cutAfterBytes, stallAfterBytes) - this.#sentBytes)
  }

  #pieceBytes(): number {
    const { bytesPerSecond, stepMs } = this.#faults.pace ?? { bytesPerSecond: Infinity, stepMs: 1 }
    const ofStep = Math.max(1, Math.floor((bytesPerSecond * stepMs) / 1000))
    return Math.min(this.#from.readableLength, this.#leftBytes(), ofStep)
  }
}
