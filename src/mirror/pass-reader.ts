import type { DigestCheck } from '../oci/digest-check.ts'
import type { BlobReader } from '../store/blob-store.ts'
import type { BlobTransfer } from '../upstream/blob-transfer.ts'
import { servableBytes } from './held-back.ts'

type Settings = {
  readonly transfer: Pick<BlobTransfer, 'chunks' | 'release' | 'destroy'>
  /** Where the transfer's bytes begin in the blob. */
  readonly start: number
  /** What comes before them and is to be read first. */
  readonly prefix?: Uint8Array
  readonly sizeBytes: number
  /** Has seen all bytes before `start`. Without one nothing is verified: a part can't be. */
  readonly check?: DigestCheck
  readonly onClose?: () => void
}

/** A client that takes nothing for so long gives the connection back; it may resume with a Range. */
const unreadAfterMs = 30_000

/**
 * Reads a blob, or the rest or a part of one, straight from upstream, in order, without keeping it:
 * where nothing can be kept, or for a Range so far ahead that waiting for it would take too long.
 */
export class PassReader implements BlobReader {
  readonly sizeBytes: number
  readonly #settings: Settings
  readonly #chunks: AsyncIterator<Uint8Array>
  #unread: NodeJS.Timeout
  /** Received and not yet read; more than the last 64 KiB only as far as a chunk goes. */
  readonly #queue: Uint8Array[]
  /** Where the reader is, and what has been received up to. */
  #position: number
  #received: number
  #isVerified: boolean

  constructor(settings: Settings) {
    const { transfer, start, prefix, sizeBytes, check } = settings
    this.sizeBytes = sizeBytes
    this.#settings = settings
    this.#chunks = transfer.chunks[Symbol.asyncIterator]()
    this.#queue = prefix && prefix.length > 0 ? [prefix] : []
    this.#position = start - (prefix?.length ?? 0)
    this.#received = start
    this.#isVerified = check === undefined
    this.#unread = this.#endWhenUnread()
  }

  /** Throws where upstream breaks off, and DigestMismatchError before the last bytes of a wrong blob. */
  async read(buffer: Uint8Array, position: number): Promise<number> {
    if (position !== this.#position) {
      throw new Error(`read at ${position} where only ${this.#position} can follow`)
    }
    if (position >= this.sizeBytes) return 0
    // While upstream is waited for, it isn't the client that takes nothing.
    clearTimeout(this.#unread)
    while (this.#servable() === 0) await this.#receive()
    this.#unread = this.#endWhenUnread()
    return this.#take(buffer.subarray(0, this.#servable()))
  }

  async close(): Promise<void> {
    this.#end()
  }

  #endWhenUnread(): NodeJS.Timeout {
    return setTimeout(() => this.#end(), unreadAfterMs).unref()
  }

  #servable(): number {
    const { sizeBytes } = this
    const end = servableBytes(this.#received, { sizeBytes, isVerified: this.#isVerified })
    return Math.max(0, end - this.#position)
  }

  async #receive(): Promise<void> {
    const chunk = await this.#chunks.next()
    if (chunk.done) throw new Error(`upstream's part of the blob ended at ${this.#received}`)
    this.#settings.check?.update(chunk.value)
    this.#received += chunk.value.length
    if (this.#received > this.sizeBytes) throw new Error('upstream sent more than the blob has')
    this.#queue.push(chunk.value)
    if (this.#received < this.sizeBytes || this.#isVerified) return
    this.#settings.check?.verify()
    this.#isVerified = true
  }

  #take(buffer: Uint8Array): number {
    const [head, ...rest] = this.#queue
    if (!head) throw new Error('nothing is there that could be read')
    const length = Math.min(head.length, buffer.length)
    buffer.set(head.subarray(0, length))
    const left = length < head.length ? [head.subarray(length), ...rest] : rest
    this.#queue.splice(0, this.#queue.length, ...left)
    this.#position += length
    this.#settings.transfer.release?.(this.#position)
    return length
  }

  #end(): void {
    clearTimeout(this.#unread)
    this.#settings.transfer.destroy()
    this.#settings.onClose?.()
  }
}
