import type { LineCounts } from './limits.ts'

type Counts = { -readonly [key in keyof LineCounts]: LineCounts[key] }

const headEnd = Buffer.from('\r\n\r\n')
const [letterG, letterH] = Buffer.from('GH')

/**
 * Counts the requests of one connection and the bytes of the bodies that answer them. It looks at
 * the beginning of what clients send and no further: pulls have no bodies, and nobody pipelines.
 */
export class AnswerMeter {
  readonly #counts: Counts
  #isInHead = false
  /** The end of a head's last piece: the empty line may be cut in two. */
  #tail = Buffer.alloc(0)

  constructor(counts: Counts) {
    this.#counts = counts
  }

  countRequest(piece: Buffer): void {
    if (piece[0] === letterG) this.#counts.gets++
    else if (piece[0] === letterH) this.#counts.heads++
    else return
    this.#isInHead = true
    this.#tail = Buffer.alloc(0)
  }

  countAnswer(piece: Buffer): void {
    this.#counts.bodyBytes += this.#isInHead ? this.#passHead(piece) : piece.length
  }

  /** How much of the piece belongs to the body. */
  #passHead(piece: Buffer): number {
    const joined = Buffer.concat([this.#tail, piece])
    const end = joined.indexOf(headEnd)
    this.#isInHead = end === -1
    this.#tail = joined.subarray(-headEnd.length + 1)
    return this.#isInHead ? 0 : joined.length - end - headEnd.length
  }
}
