import type { BlobPull, OpenedRange } from '../mirror/blob-pull.ts'
import type { ByteRange } from '../oci/byte-range.ts'
import type { PlainReader, PlainView, SharedPlace } from './main-calls.ts'

type Closable = { close(): Promise<void> }

/** What one serving thread has open in the main thread, by the numbers that it knows it by. */
export class OpenPulls {
  readonly #onError: (error: unknown, what: string) => void
  readonly #pulls = new Map<number, BlobPull>()
  readonly #readers = new Map<number, OpenedRange>()
  #lastId = 0
  #isClosed = false

  /** Hears of what can't be closed once the thread has ended. */
  constructor(onError: (error: unknown, what: string) => void) {
    this.#onError = onError
  }

  /** Closes it, and rejects, if the thread has ended meanwhile. */
  add(pull: BlobPull): Promise<number> {
    return this.#add(this.#pulls, pull, pull)
  }

  async openRange(pullId: number, range: ByteRange, isOnly: boolean): Promise<PlainReader> {
    const pull = this.#pulls.get(pullId)
    if (!pull) throw new Error('the pull is closed')
    const opened = await pull.openRange(range, { isOnly })
    const { reader, growing, cache } = opened
    const readerId = await this.#add(this.#readers, opened, reader)
    // Where that can't be said, it is read by this thread, which meets the fault again.
    const place = await growing?.findPlace().catch(() => undefined)
    return { readerId, cache, place }
  }

  /** So many bytes at most. */
  async read(readerId: number, length: number, position: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length)
    const count = await this.#findReader(readerId).reader.read(bytes, position)
    // What is posted is copied together with all the memory it is a part of.
    return count === length ? bytes : bytes.slice(0, count)
  }

  /** Some of what is growing, once there is anything to read at `position`. */
  async view(readerId: number, position: number): Promise<PlainView> {
    const { growing } = this.#findReader(readerId)
    const bytes = await growing?.view(position)
    const memory = bytes && toPlace(bytes)
    return { availableBytes: growing?.availableBytes ?? 0, memory }
  }

  async closeReader(readerId: number): Promise<void> {
    const opened = this.#readers.get(readerId)
    this.#readers.delete(readerId)
    await opened?.reader.close()
  }

  async closePull(pullId: number): Promise<void> {
    const pull = this.#pulls.get(pullId)
    this.#pulls.delete(pullId)
    await pull?.close()
  }

  /** The thread has ended: nobody reads any more. */
  async close(): Promise<void> {
    this.#isClosed = true
    const readers = [...this.#readers.values()].map(({ reader }) => reader)
    const open = [...readers, ...this.#pulls.values()]
    this.#readers.clear()
    this.#pulls.clear()
    await Promise.all(open.map((each) => this.#closeQuietly(each)))
  }

  #findReader(readerId: number): OpenedRange {
    const opened = this.#readers.get(readerId)
    if (!opened) throw new Error('what is to be read is closed')
    return opened
  }

  async #add<Opened>(
    opens: Map<number, Opened>,
    opened: Opened,
    closable: Closable,
  ): Promise<number> {
    if (this.#isClosed) {
      await closable.close()
      throw new Error('the thread that asked has ended')
    }
    const id = ++this.#lastId
    opens.set(id, opened)
    return id
  }

  async #closeQuietly(open: Closable): Promise<void> {
    await open.close().catch((error) => {
      this.#onError(error, 'closing what an ended thread had open failed')
    })
  }
}

function toPlace({ buffer, byteOffset: offset, length }: Buffer<SharedArrayBuffer>): SharedPlace {
  return { buffer, offset, length }
}
