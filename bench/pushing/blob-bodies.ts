import { createHash, type Hash, randomFillSync } from 'node:crypto'

/** Content that nobody has, ready to be sent. */
export interface BlobBody {
  readonly digest: string
  readonly size: number
  /** As a chunked body, in pieces. */
  readonly framed: readonly Buffer[]
}

const tailBytes = 4096
/** docker's client sends so much in one chunk. */
const chunkBytes = 32 * 1024
const bodyEnd = Buffer.from('0\r\n\r\n')

/**
 * Makes blobs of one size. Random bytes can't be compressed, and take long to make: all blobs share
 * them but for their last few, by which each has a digest that no server knows.
 */
export class BlobBodies {
  readonly #size: number
  readonly #hash: Hash
  readonly #framed: Buffer

  constructor(size: number) {
    this.#size = size
    const shared = Buffer.allocUnsafeSlow(size - Math.min(size, tailBytes))
    for (let at = 0; at < shared.length; at += 1 << 30)
      randomFillSync(shared, at, Math.min(1 << 30, shared.length - at))
    this.#hash = createHash('sha256').update(shared)
    this.#framed = frame(shared)
  }

  make(): BlobBody {
    const tail = randomFillSync(Buffer.allocUnsafe(Math.min(this.#size, tailBytes)))
    const digest = `sha256:${this.#hash.copy().update(tail).digest('hex')}`
    return { digest, size: this.#size, framed: [this.#framed, frame(tail), bodyEnd] }
  }
}

/** One blob of these bytes. */
export const bodyOf = (bytes: Buffer): BlobBody => {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  return { digest, size: bytes.length, framed: [frame(bytes), bodyEnd] }
}

/** RFC 9112 §7.1, without the last chunk. */
const frame = (bytes: Buffer): Buffer => {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const chunk = bytes.subarray(at, at + chunkBytes)
    pieces.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'))
  }
  return Buffer.concat(pieces)
}
