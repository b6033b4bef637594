import type { Digest } from '../oci/digest.ts'
import { DigestMismatchError } from '../oci/digest-check.ts'
import type { Source } from '../oci/source.ts'
import type { BlobStore, BlobWriter } from '../store/blob-store.ts'
import type { BlobTransfer } from '../upstream/blob-transfer.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { heldBackBytes, servableBytes } from './held-back.ts'
import { WrongContentError } from './wrong-content-error.ts'

/** Of a blob whose size neither upstream nor a manifest says: an endless one must not fill the disk. */
const maxUnannouncedBytes = 16 * 1024 ** 3

export type DownloadSettings = {
  readonly source: Source
  readonly digest: Digest
  /** What a manifest says of its size, if one is kept; asked only where upstream doesn't say, or is to be told. */
  readonly findExpectedSize: () => Promise<number | undefined>
  readonly upstream: Upstream
  /** Which of the upstream's URLs is asked first. */
  readonly turn: number
  /** Whether whoever began it holds a slot of the upstream for it. */
  readonly hasSlot: boolean
  readonly blobs: BlobStore
}

type Callbacks = {
  readonly signal: AbortSignal
  /** There is something to serve, of a blob of so many bytes. */
  readonly onServable: (sizeBytes: number) => void
  /** More may be read than before: what was just written, to where. */
  readonly onProgress: (chunks: readonly Uint8Array[], end: number) => void
}

/**
 * Brings one blob from upstream into the store. It begins where an earlier download of the blob
 * ended, and what it leaves when upstream can't go on is where the next one begins.
 */
export class BlobDownload {
  readonly #settings: DownloadSettings
  readonly #callbacks: Callbacks
  #writer: BlobWriter | undefined
  #sizeBytes: number | undefined
  /** Of what is there, left by an earlier download. */
  #leftBytes = 0
  #expectedSize: Promise<number | undefined> | undefined
  #isResumable = true
  #isServed = false
  #isVerified = false

  constructor(settings: DownloadSettings, callbacks: Callbacks) {
    this.#settings = settings
    this.#callbacks = callbacks
  }

  get writer(): BlobWriter | undefined {
    return this.#writer
  }

  /** Undefined until upstream has answered, or where nobody says. */
  get sizeBytes(): number | undefined {
    return this.#sizeBytes
  }

  get isVerified(): boolean {
    return this.#isVerified
  }

  /** How many bytes from the beginning may be served by now. */
  get availableBytes(): number {
    const written = this.#writer?.writtenBytes ?? 0
    const sizeBytes = this.#sizeBytes ?? 0
    return servableBytes(written, { sizeBytes, isVerified: this.#isVerified })
  }

  /** Somebody else has found out how large it is. */
  knowSize(sizeBytes: number): void {
    this.#sizeBytes ??= sizeBytes
  }

  /** Resolves when the blob is kept, with its size. Throws UpstreamError, DigestMismatchError, StoreFaultError. */
  async run(): Promise<number> {
    try {
      return await this.#download(() => this.#resumeWriter())
    } catch (error) {
      const leftover = this.#writer
      // Perhaps what an earlier download left is at fault: begin anew, while nobody has read of it.
      if (!leftover || this.#leftBytes === 0 || this.#isServed || !isWrong(error)) throw error
      return this.#downloadInPlaceOf(leftover, error)
    }
  }

  /** What upstream couldn't finish is where the next download begins; all else would be in its way. */
  async discardUnlessUseful(failure: unknown): Promise<void> {
    const writer = this.#writer
    if (!writer) return
    const isUpstreams = failure instanceof UpstreamError && !(failure instanceof WrongContentError)
    const isUseful = isUpstreams && this.#isResumable && writer.writtenBytes > 0
    if (!isUseful) await writer.discard()
  }

  /** The leftover goes only when there is something better, or when it is wrong for certain. */
  async #downloadInPlaceOf(leftover: BlobWriter, error: unknown): Promise<number> {
    this.#writer = undefined
    try {
      if (error instanceof DigestMismatchError) await leftover.discard()
      const sizeBytes = await this.#download(() => this.#createWriter())
      await leftover.discard()
      return sizeBytes
    } finally {
      await leftover.close()
    }
  }

  async #resumeWriter(): Promise<BlobWriter> {
    const { blobs, digest, upstream } = this.#settings
    const { signal } = this.#callbacks
    try {
      const writer = await blobs.resume(digest, { owner: upstream.name, signal })
      this.#leftBytes = writer.writtenBytes
      return writer
    } catch (error) {
      if (!signal.aborted) throw error
      const what = 'was not waited for any longer'
      throw new UpstreamError(upstream.name, 'unavailable', what, { cause: error })
    }
  }

  async #createWriter(): Promise<BlobWriter> {
    this.#leftBytes = 0
    this.#isResumable = false
    return this.#settings.blobs.create(this.#settings.digest)
  }

  async #download(openWriter: () => Promise<BlobWriter>): Promise<number> {
    const opened = Promise.withResolvers<BlobWriter>()
    const { upstream, source, digest, turn, hasSlot } = this.#settings
    const { signal } = this.#callbacks
    // The writer is opened when its turn has come: who only waits holds no file.
    const findPart = async () => {
      this.#writer = await openWriter()
      opened.resolve(this.#writer)
      return { start: this.#writer.writtenBytes }
    }
    const findExpectedSize = () => this.#findExpectedSize().catch(() => undefined)
    const options = { findPart, findExpectedSize, turn, hasSlot, signal }
    const transfer = await upstream.fetchBlob(source.repository, digest, options)
    try {
      return await this.#writeAll(transfer, await opened.promise)
    } finally {
      transfer.destroy()
    }
  }

  async #writeAll(transfer: BlobTransfer, writer: BlobWriter): Promise<number> {
    const { sizeBytes } = transfer
    if (sizeBytes !== undefined && writer.writtenBytes > sizeBytes) {
      throw this.#invalid(`has only ${sizeBytes} bytes of it`)
    }
    this.#sizeBytes = sizeBytes ?? (await this.#findExpectedSize())
    this.#serveIfLarge()
    await this.#append(writer, transfer.chunks)
    transfer.destroy()
    return this.#complete(writer)
  }

  /** Asked for at most once. */
  #findExpectedSize(): Promise<number | undefined> {
    this.#expectedSize ??= this.#settings.findExpectedSize()
    return this.#expectedSize
  }

  #serveIfLarge(): void {
    if (this.#sizeBytes === undefined || this.#sizeBytes <= heldBackBytes) return
    this.#isServed = true
    this.#callbacks.onServable(this.#sizeBytes)
  }

  async #append(writer: BlobWriter, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { onProgress } = this.#callbacks
    const appended = (done: readonly Uint8Array[]) => onProgress(done, writer.writtenBytes)
    const chunkWriter = new ChunkWriter(writer, appended)
    const limit = this.#sizeBytes ?? maxUnannouncedBytes
    try {
      for await (const chunk of chunks) {
        if (chunkWriter.totalBytes + chunk.length > limit) throw this.#tooLong(limit)
        await chunkWriter.add(chunk)
      }
    } finally {
      // Also where upstream breaks off: what has come is where the next download begins.
      await chunkWriter.finish()
    }
  }

  #tooLong(limit: number): WrongContentError {
    const what = `sent more than the ${limit} bytes that were to be expected`
    return new WrongContentError(this.#settings.upstream.name, what)
  }

  async #complete(writer: BlobWriter): Promise<number> {
    const sizeBytes = writer.writtenBytes
    if (this.#sizeBytes !== undefined && sizeBytes < this.#sizeBytes) {
      throw this.#invalid(`sent only ${sizeBytes} of ${this.#sizeBytes} bytes`)
    }
    writer.verify()
    this.#sizeBytes = sizeBytes
    this.#isVerified = true
    this.#callbacks.onServable(sizeBytes)
    this.#callbacks.onProgress([], sizeBytes)
    await writer.keep()
    return sizeBytes
  }

  #invalid(what: string): UpstreamError {
    return new UpstreamError(this.#settings.upstream.name, 'invalid', what)
  }
}

/** What there is of the blob and what upstream has don't go together. */
function isWrong(error: unknown): boolean {
  if (error instanceof DigestMismatchError) return true
  return error instanceof UpstreamError && error.kind === 'invalid'
}
