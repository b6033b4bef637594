import type { Digest } from '../oci/digest.ts'
import { DigestMismatchError } from '../oci/digest-check.ts'
import type { Source } from '../oci/source.ts'
import type { BlobStore, BlobWriter } from '../store/blob-store.ts'
import type { BlobTransfer } from '../upstream/blob-transfer.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { heldBackBytes, servableBytes } from './held-back.ts'

/** Of a blob whose size neither upstream nor a manifest says: an endless one must not fill the disk. */
const maxUnannouncedBytes = 16 * 1024 ** 3

export type DownloadSettings = {
  readonly source: Source
  readonly digest: Digest
  /** What a manifest says of its size, if one is kept; asked only where upstream doesn't say. */
  readonly findExpectedSize: () => Promise<number | undefined>
  readonly upstream: Upstream
  /** Which of the upstream's URLs is asked first. */
  readonly turn: number
  readonly blobs: BlobStore
}

type Callbacks = {
  readonly signal: AbortSignal
  /** There is something to serve, of a blob of so many bytes. */
  readonly onServable: (sizeBytes: number) => void
  /** More may be read than before. */
  readonly onProgress: () => void
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

  /** Resolves when the blob is kept, with its size. Throws UpstreamError, DigestMismatchError, StoreFaultError. */
  async run(): Promise<number> {
    const leftover = await this.#openWriter()
    const leftBytes = leftover.writtenBytes
    try {
      return await this.#downloadInto(leftover)
    } catch (error) {
      // Perhaps what an earlier download left is at fault: begin anew, while nobody has read of it.
      if (leftBytes === 0 || this.#isServed || !isWrong(error)) throw error
      return this.#downloadInto(await this.#replaceWriter(leftover))
    }
  }

  /** What upstream couldn't finish is where the next download begins; all else would be in its way. */
  async discardUnlessUseful(failure: unknown): Promise<void> {
    const writer = this.#writer
    const isUseful = failure instanceof UpstreamError && failure.kind !== 'invalid'
    if (writer && (!isUseful || writer.writtenBytes === 0)) await writer.discard()
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

  async #downloadInto(writer: BlobWriter): Promise<number> {
    const transfer = await this.#openTransfer(writer)
    try {
      const { sizeBytes } = transfer
      if (sizeBytes !== undefined && writer.writtenBytes > sizeBytes) {
        throw this.#invalid(`has only ${sizeBytes} bytes of it`)
      }
      this.#sizeBytes = sizeBytes ?? (await this.#settings.findExpectedSize())
      this.#serveIfLarge()
      for await (const chunk of transfer.chunks) await this.#append(writer, chunk)
    } finally {
      transfer.destroy()
    }
    return this.#complete(writer)
  }

  #openTransfer({ writtenBytes }: BlobWriter): Promise<BlobTransfer> {
    const { upstream, source, digest, turn } = this.#settings
    const { signal } = this.#callbacks
    const part = { start: writtenBytes }
    return upstream.fetchBlob(source.repository, digest, { part, turn, signal })
  }

  #serveIfLarge(): void {
    if (this.#sizeBytes === undefined || this.#sizeBytes <= heldBackBytes) return
    this.#isServed = true
    this.#callbacks.onServable(this.#sizeBytes)
  }

  async #append(writer: BlobWriter, chunk: Uint8Array): Promise<void> {
    const limit = this.#sizeBytes ?? maxUnannouncedBytes
    if (writer.writtenBytes + chunk.length > limit) {
      throw this.#invalid(`sent more than the ${limit} bytes that were to be expected`)
    }
    await writer.append([chunk])
    this.#callbacks.onProgress()
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
    this.#callbacks.onProgress()
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
