import type { UpstreamName } from '../oci/upstream-name.ts'
import type { BlobWriter } from '../store/blob-store.ts'
import { WrongContentError } from '../upstream/upstream-error.ts'

/** So much may wait for the disk; then upstream waits too. */
const maxWaitingBytes = 1024 * 1024

type Appending = {
  /** Of the whole blob, with what was there before. */
  readonly limitBytes: number
  /** Who sends the chunks. */
  readonly upstream: UpstreamName
  /** Hears of what can be read by now. */
  readonly onAppended: (chunks: readonly Uint8Array[]) => void
}

/**
 * Appends all that upstream sends. Throws what `chunks` throws, WrongContentError for more than the
 * limit, and what an append throws.
 */
export async function appendAll(
  chunks: AsyncIterable<Uint8Array>,
  writer: BlobWriter,
  { limitBytes, upstream, onAppended }: Appending,
): Promise<void> {
  const chunkWriter = new ChunkWriter(writer, onAppended)
  try {
    for await (const chunk of chunks) {
      if (chunkWriter.totalBytes + chunk.length > limitBytes) throw tooLong(upstream, limitBytes)
      await chunkWriter.add(chunk)
    }
  } finally {
    // Also where upstream breaks off: what has come is where the next download begins.
    await chunkWriter.finish()
  }
}

function tooLong(upstream: UpstreamName, limitBytes: number): WrongContentError {
  const what = `sent more than the ${limitBytes} bytes that were to be expected`
  return new WrongContentError(upstream, what)
}

/**
 * Appends chunks in order, those together that come while the last append is under way: each trip
 * to the disk costs the same, whatever it carries.
 */
class ChunkWriter {
  readonly #writer: BlobWriter
  readonly #onAppended: (chunks: readonly Uint8Array[]) => void
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #underWayBytes = 0
  #appending: Promise<void> | undefined
  #failure: { readonly error: unknown } | undefined

  /** `onAppended` hears of what can be read by now. */
  constructor(writer: BlobWriter, onAppended: (chunks: readonly Uint8Array[]) => void) {
    this.#writer = writer
    this.#onAppended = onAppended
  }

  /** Of all that was added and not lost. */
  get totalBytes(): number {
    return this.#writer.writtenBytes + this.#underWayBytes + this.#waitingBytes
  }

  /** Resolves when there is room for the next chunk; throws what an append throws. */
  async add(chunk: Uint8Array): Promise<void> {
    this.#throwFailure()
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.length
    this.#appending ??= this.#appendAll()
    if (this.#waitingBytes >= maxWaitingBytes) await this.#appending
  }

  /** Resolves when all is appended; throws what an append throws. */
  async finish(): Promise<void> {
    await this.#appending
    this.#throwFailure()
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error
  }

  async #appendAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#appendWaiting()
    } catch (error) {
      this.#failure = { error }
    } finally {
      this.#appending = undefined
    }
  }

  async #appendWaiting(): Promise<void> {
    const chunks = this.#waiting
    this.#underWayBytes = this.#waitingBytes
    this.#waiting = []
    this.#waitingBytes = 0
    try {
      await this.#writer.append(chunks)
    } finally {
      this.#underWayBytes = 0
    }
    this.#onAppended(chunks)
  }
}
