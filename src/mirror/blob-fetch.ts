import type { Digest } from '../oci/digest.ts'
import { DigestCheck, DigestMismatchError } from '../oci/digest-check.ts'
import type { Source } from '../oci/source.ts'
import type { BlobReader, BlobStore, BlobWriter } from '../store/blob-store.ts'
import { StoreFaultError } from '../store/store-fault.ts'
import type { BlobTransfer } from '../upstream/blob-transfer.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { BlobFollower } from './blob-follower.ts'
import { heldBackBytes, servableBytes } from './held-back.ts'
import { PassReader } from './pass-reader.ts'

/** Of a blob whose size neither upstream nor a manifest says: an endless one must not fill the disk. */
const maxUnannouncedBytes = 16 * 1024 ** 3

type Settings = {
  readonly source: Source
  readonly digest: Digest
  /** What a manifest says of its size, if one is kept; asked only where upstream doesn't say. */
  readonly findExpectedSize: () => Promise<number | undefined>
  readonly upstream: Upstream
  /** Which of the upstream's URLs is asked first. */
  readonly turn: number
  readonly blobs: BlobStore
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
  /** Called when the blob is kept, before the fetch counts as finished. */
  readonly onKept: (sizeBytes: number) => Promise<void>
  /** Called once, when nobody may attach any more. `error` says why the blob isn't kept or not noted. */
  readonly onSettled: (error: unknown) => void
  readonly onCloseError: (error: unknown) => void
}

/** From where on nothing could be written, and what has been hashed until there. */
type HandOver = { readonly start: number; readonly check: DigestCheck }

/**
 * One blob on its way from upstream into the store, read by everyone who wants it while it grows.
 * It belongs to nobody's request: it ends when it is kept, when it fails, or by `abort`. What it
 * leaves when upstream can't go on is where the next fetch of the blob begins.
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
  #isServed = false
  #isVerified = false
  #handOver: HandOver | undefined
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
    const sizeBytes = this.#sizeBytes ?? 0
    return servableBytes(written, { sizeBytes, isVerified: this.#isVerified })
  }

  /** Whether the disk takes nothing, so that what is read isn't kept. */
  get isPassedOn(): boolean {
    return this.#handOver !== undefined
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
    const followed = {
      waitBeyond: (position: number) => this.#waitBeyond(position),
      readWritten: (buffer: Uint8Array, position: number) => this.#readWritten(buffer, position),
      passOn: (position: number) => this.#passOn(position, sizeBytes),
    }
    return new BlobFollower(followed, sizeBytes, () => this.#release())
  }

  async #run(): Promise<void> {
    try {
      await this.#fetch()
    } catch (error) {
      await this.#fail(error)
    }
    this.#notify()
    await this.#discardUnlessUseful()
    // First out of everyone's sight, then closed: nobody may attach to a fetch that can't be read.
    this.#settings.onSettled(this.#failure)
    await this.#release()
  }

  async #fetch(): Promise<void> {
    const leftover = await this.#openWriter()
    const leftBytes = leftover.writtenBytes
    try {
      await this.#fetchInto(leftover)
    } catch (error) {
      // Perhaps what an earlier fetch left is at fault: begin anew, while nobody has read of it.
      if (leftBytes === 0 || this.#isServed || !isWrong(error)) throw error
      await this.#fetchInto(await this.#replaceWriter(leftover))
    }
  }

  async #fetchInto(writer: BlobWriter): Promise<void> {
    const transfer = await this.#openTransfer(writer)
    try {
      const { sizeBytes } = transfer
      if (sizeBytes !== undefined && writer.writtenBytes > sizeBytes) {
        throw this.#invalid(`has only ${sizeBytes} bytes of it`)
      }
      this.#sizeBytes = sizeBytes ?? (await this.#settings.findExpectedSize())
      this.#startIfServable()
      for await (const chunk of transfer.chunks) await this.#append(writer, chunk)
    } finally {
      transfer.destroy()
    }
    await this.#complete(writer)
  }

  async #openWriter(): Promise<BlobWriter> {
    const writer = await this.#settings.blobs.resume(this.#settings.digest)
    this.#writer = writer
    return writer
  }

  async #replaceWriter(useless: BlobWriter): Promise<BlobWriter> {
    this.#writer = undefined
    await useless.discard()
    await useless.close()
    return this.#openWriter()
  }

  #openTransfer({ writtenBytes }: BlobWriter): Promise<BlobTransfer> {
    const { upstream, source, digest, turn } = this.#settings
    const { signal } = this.#abort
    return upstream.fetchBlob(source.repository, digest, {
      part: { start: writtenBytes },
      turn,
      signal,
    })
  }

  #startIfServable(): void {
    if (this.#sizeBytes !== undefined && this.#sizeBytes > heldBackBytes) {
      this.#isServed = true
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

  /** A fault of the disk is no reason for a client to go without: what isn't kept is passed on. */
  async #fail(error: unknown): Promise<void> {
    this.#failure = this.#describe(error)
    if (!(error instanceof StoreFaultError) || this.#isVerified) {
      return this.#start.reject(this.#failure)
    }
    try {
      this.#sizeBytes ??= await this.#findSize()
      if (this.#sizeBytes === undefined) return this.#start.reject(this.#failure)
      const check = this.#writer?.copyCheck() ?? new DigestCheck(this.#settings.digest)
      this.#handOver = { start: this.#writer?.writtenBytes ?? 0, check }
      this.#start.resolve(this.#sizeBytes)
    } catch (refusal) {
      this.#failure = refusal
      this.#start.reject(refusal)
    }
  }

  async #findSize(): Promise<number | undefined> {
    const { upstream, source, digest, findExpectedSize } = this.#settings
    return (await upstream.headBlob(source.repository, digest)) ?? (await findExpectedSize())
  }

  /** What upstream couldn't finish is where the next fetch begins; all else would be in its way. */
  async #discardUnlessUseful(): Promise<void> {
    const failure = this.#failure
    if (failure === undefined || !this.#writer) return
    const isUpstreams = failure instanceof UpstreamError && failure.kind !== 'invalid'
    if (isUpstreams && this.#writer.writtenBytes > 0) return
    try {
      await this.#writer.discard()
    } catch (error) {
      this.#failure = new AggregateError([failure, error], 'a failed fetch left its partial')
    }
  }

  async #waitBeyond(position: number): Promise<number | undefined> {
    while (this.availableBytes <= position) {
      if (this.#handOver) return undefined
      if (this.#failure !== undefined) throw this.#failure
      await this.#progress.promise
    }
    return this.availableBytes
  }

  async #readWritten(buffer: Uint8Array, position: number): Promise<number> {
    return this.#writer?.read(buffer, position) ?? 0
  }

  /** Whoever has read all that was written gets the rest verified with it; who is ahead gets a part. */
  async #passOn(position: number, sizeBytes: number): Promise<BlobReader> {
    if (!this.#handOver) throw new Error('what is written needs no passing on')
    const { upstream, source, digest, signal } = this.#settings
    const isAhead = position > this.#handOver.start
    const start = isAhead ? position : this.#handOver.start
    const prefix = new Uint8Array(start - position)
    const isRead = (await this.#readWritten(prefix, position)) === prefix.length
    if (!isRead) throw new Error('what was written before the disk failed is gone')
    const check = isAhead ? {} : { check: this.#handOver.check.copy() }
    const options = { part: { start }, signal }
    const transfer = await upstream.fetchBlob(source.repository, digest, options)
    return new PassReader({ transfer, start, prefix, sizeBytes, ...check })
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

/** What there is of the blob and what upstream has don't go together. */
function isWrong(error: unknown): boolean {
  return (
    error instanceof DigestMismatchError ||
    (error instanceof UpstreamError && error.kind === 'invalid')
  )
}

/** Whoever waits for the start hears of a failure; if nobody does, it is no unhandled one. */
function ignore(): void {}
