import type { Digest } from '../oci/digest.ts'
import type { Source } from '../oci/source.ts'
import type { BlobReader, BlobStore, BlobWriter } from '../store/blob-store.ts'
import { DigestMismatchError } from '../store/blob-store.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'

/**
 * Held back until the digest is right, so that nothing wrong is ever whole. A blob no larger than
 * this isn't begun to be served before it is verified, and can fail with an honest status.
 */
const heldBackBytes = 64 * 1024
/** Of a blob whose size neither upstream nor a manifest says: an endless one must not fill the disk. */
const maxUnannouncedBytes = 16 * 1024 ** 3

type Settings = {
  readonly source: Source
  readonly digest: Digest
  /** What a manifest says of its size, if one is kept; asked only where upstream doesn't say. */
  readonly findExpectedSize: () => Promise<number | undefined>
  readonly upstream: Upstream
  readonly blobs: BlobStore
  /** Called when the blob is kept, before the fetch counts as finished. */
  readonly onKept: (sizeBytes: number) => Promise<void>
  /** Called once, when nobody may attach any more. `error` says why the blob isn't kept or not noted. */
  readonly onSettled: (error: unknown) => void
  readonly onCloseError: (error: unknown) => void
}

/**
 * One blob on its way from upstream into the store, read by everyone who wants it while it grows.
 * It belongs to nobody's request: it ends when it is kept, when it fails, or by `abort`.
 */
export class BlobFetch {
  readonly source: Source
  /** The size in bytes, once upstream has answered and there is something to serve. */
  readonly started: Promise<number>
  /** Settles when nothing is left to do; never rejects. */
  readonly finished: Promise<void>
  readonly #settings: Settings
  readonly #abort = new AbortController()
  readonly #start = Promise.withResolvers<number>()
  #writer: BlobWriter | undefined
  #users = 1
  #sizeBytes: number | undefined
  #isVerified = false
  #failure: unknown
  #progress = Promise.withResolvers<void>()

  constructor(settings: Settings) {
    this.#settings = settings
    this.source = settings.source
    this.started = this.#start.promise
    this.started.catch(ignore)
    this.finished = this.#run()
  }

  /** How many bytes from the beginning may be served by now. */
  get availableBytes(): number {
    const written = this.#writer?.writtenBytes ?? 0
    if (this.#isVerified || this.#sizeBytes === undefined) return this.#isVerified ? written : 0
    return Math.max(0, Math.min(written, this.#sizeBytes - heldBackBytes))
  }

  abort(): void {
    this.#abort.abort()
  }

  /**
   * Only after `started`. Its reads wait for bytes that are yet to come, and throw if the fetch
   * fails. Undefined if the fetch has ended meanwhile and its content must be looked for again.
   */
  openReader(sizeBytes: number): BlobReader | undefined {
    if (this.#users === 0) return undefined
    this.#users++
    let isOpen = true
    return {
      sizeBytes,
      read: (buffer, position) => this.#read(buffer, position, sizeBytes),
      close: async () => {
        if (isOpen) await this.#release()
        isOpen = false
      },
    }
  }

  async #run(): Promise<void> {
    try {
      await this.#fetch()
    } catch (error) {
      this.#failure = this.#describe(error)
      this.#start.reject(this.#failure)
    }
    this.#notify()
    await this.#discardIfFailed()
    // First out of everyone's sight, then closed: nobody may attach to a fetch that can't be read.
    this.#settings.onSettled(this.#failure)
    await this.#release()
  }

  async #discardIfFailed(): Promise<void> {
    if (this.#failure === undefined) return
    try {
      await this.#writer?.discard()
    } catch (error) {
      this.#failure = new AggregateError([this.#failure, error], 'a failed fetch left its partial')
    }
  }

  async #fetch(): Promise<void> {
    const { upstream, source, digest, blobs, findExpectedSize } = this.#settings
    const { signal } = this.#abort
    const answer = await upstream.fetchBlob(source.repository, digest, { signal })
    try {
      this.#sizeBytes = answer.sizeBytes ?? (await findExpectedSize())
      this.#writer = await blobs.create(digest)
      this.#startIfServable()
      for await (const chunk of answer.chunks) await this.#append(this.#writer, chunk)
    } finally {
      answer.destroy()
    }
    await this.#complete(this.#writer)
  }

  #startIfServable(): void {
    if (this.#sizeBytes !== undefined && this.#sizeBytes > heldBackBytes) {
      this.#start.resolve(this.#sizeBytes)
    }
  }

  async #append(writer: BlobWriter, chunk: Uint8Array): Promise<void> {
    const limit = this.#sizeBytes ?? maxUnannouncedBytes
    if (writer.writtenBytes + chunk.length > limit) {
      throw this.#invalid(`sent more than the ${limit} bytes that were to be expected`)
    }
    await writer.append([chunk])
    this.#notify()
  }

  async #complete(writer: BlobWriter): Promise<void> {
    const sizeBytes = writer.writtenBytes
    if (this.#sizeBytes !== undefined && sizeBytes < this.#sizeBytes) {
      throw this.#invalid(`sent only ${sizeBytes} of ${this.#sizeBytes} bytes`)
    }
    writer.verify()
    this.#sizeBytes = sizeBytes
    this.#isVerified = true
    this.#start.resolve(sizeBytes)
    this.#notify()
    await writer.keep()
    await this.#settings.onKept(sizeBytes)
  }

  async #read(buffer: Uint8Array, position: number, sizeBytes: number): Promise<number> {
    if (position >= sizeBytes) return 0
    while (this.availableBytes <= position) {
      if (this.#failure !== undefined) throw this.#failure
      await this.#progress.promise
    }
    const length = Math.min(buffer.length, this.availableBytes - position)
    return this.#writer?.read(buffer.subarray(0, length), position) ?? 0
  }

  #notify(): void {
    this.#progress.resolve()
    this.#progress = Promise.withResolvers()
  }

  async #release(): Promise<void> {
    this.#users--
    if (this.#users > 0 || !this.#writer) return
    // Nothing is lost with a handle that fails to close: what was kept is synced by then.
    await this.#writer.close().catch(this.#settings.onCloseError)
  }

  #describe(error: unknown): unknown {
    if (!(error instanceof DigestMismatchError)) return error
    const { expected, actual } = error
    return this.#invalid(`sent a blob with the wrong digest: wanted ${expected}, found ${actual}`)
  }

  #invalid(what: string): UpstreamError {
    return new UpstreamError(this.#settings.upstream.name, 'invalid', what)
  }
}

/** Whoever waits for the start hears of a failure; if nobody does, it is no unhandled one. */
function ignore(): void {}
