import type { IncomingMessage } from 'node:http'
import { finished } from 'node:stream/promises'
import type { RegistryError } from '../oci/registry-error.ts'
import { BodyPace } from './body-pace.ts'
import { memoryOf } from './chunk-memory.ts'

type Sink = { append(chunks: readonly Uint8Array[]): Promise<void> }

/** So much is written at once, while as much comes: each trip to the disk costs the same. */
const batchBytes = 256 * 1024
/** Of all that push to this thread: beyond it each is taken no more from until its last is written. */
const mostUnwrittenBytes = 16 * 1024 * 1024
/** What has come waits no longer for more to come: clients that stall hold nothing. */
const lingerMs = 50

/** What came and isn't on its way to the disk, or not there yet, of all requests. */
const unwritten = { bytes: 0 }

/**
 * Appends what the client sends, as it comes; no more than two batches are in memory, and one chunk
 * where many push at once. Where the client leaves in the middle it throws, and RegistryError where it
 * sends too slowly; what had come by then is appended.
 */
export async function appendBody(incoming: IncomingMessage, sink: Sink): Promise<void> {
  const failing = new AbortController()
  const { signal } = failing
  let slow: RegistryError | undefined
  const pace = new BodyPace((error) => {
    slow = error
    failing.abort()
  })
  const batches = new Batches(sink, () => failing.abort())
  // An iterator would join what comes between its steps, and so copy nearly all of it.
  const take = (chunk: Uint8Array) => {
    pace.note(chunk.length)
    const room = batches.add(chunk)
    if (!room) return
    incoming.pause()
    pace.pause()
    const goOn = () => {
      pace.resume()
      incoming.resume()
    }
    room.then(goOn, ignore)
  }
  incoming.on('data', take)
  try {
    await finished(incoming, { writable: false, signal, cleanup: true })
  } catch (error) {
    throw slow ?? error
  } finally {
    pace.end()
    incoming.off('data', take)
    await batches.finish()
  }
}

class Batches {
  readonly #sink: Sink
  readonly #onFailed: () => void
  #chunks: Uint8Array[] = []
  #bytes = 0
  #timer: NodeJS.Timeout | undefined
  #appending: Promise<void> = Promise.resolve()
  /** Stays so where an append fails: nothing is appended then. */
  #isAppending = false

  /** `onFailed` hears of it at once where an append fails: a client that stalls is told too. */
  constructor(sink: Sink, onFailed: () => void) {
    this.#sink = sink
    this.#onFailed = onFailed
  }

  /** Undefined where there is room for the next chunk; else resolves when there is, or throws what an append throws. */
  add(chunk: Uint8Array): Promise<void> | undefined {
    this.#chunks.push(chunk)
    const bytes = memoryOf(chunk)
    this.#bytes += bytes
    unwritten.bytes += bytes
    const isCrowded = unwritten.bytes > mostUnwrittenBytes
    if (this.#bytes >= batchBytes || isCrowded) return this.#flushSoon(isCrowded)
    this.#timer ??= this.#linger()
    return undefined
  }

  /** Resolves when all is appended; throws what an append throws. */
  async finish(): Promise<void> {
    clearInterval(this.#timer)
    try {
      await this.#appending
      this.#flush()
      await this.#appending
    } finally {
      unwritten.bytes -= this.#bytes
    }
  }

  /** As `add`, where it is time; a crowd waits until it is written. */
  #flushSoon(isCrowded: boolean): Promise<void> | undefined {
    if (this.#isAppending) return this.#appending.then(() => this.#flush())
    this.#flush()
    return isCrowded ? this.#appending : undefined
  }

  #linger(): NodeJS.Timeout {
    return setInterval(() => {
      if (!this.#isAppending) this.#flush()
    }, lingerMs)
  }

  #flush(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    if (this.#bytes === 0) return
    this.#appending = this.#append(this.#chunks, this.#bytes)
    this.#appending.catch(this.#onFailed)
    this.#chunks = []
    this.#bytes = 0
  }

  async #append(chunks: readonly Uint8Array[], bytes: number): Promise<void> {
    this.#isAppending = true
    try {
      await this.#sink.append(chunks)
      this.#isAppending = false
    } finally {
      unwritten.bytes -= bytes
    }
  }
}

function ignore(): void {}
