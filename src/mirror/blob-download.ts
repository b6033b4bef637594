import type { Digest } from '../oci/digest.ts'
import { DigestMismatchError } from '../oci/digest-check.ts'
import type { Source } from '../oci/source.ts'
import type { BlobWriter } from '../store/blob-store.ts'
import type { BlobTransfer } from '../upstream/blob-transfer.ts'
import type { Upstream } from '../upstream/upstream.ts'
import { UpstreamError } from '../upstream/upstream-error.ts'
import { appendAll } from './chunk-writer.ts'
import { heldBackBytes } from './held-back.ts'
import type { PartialBlob } from './partial-blob.ts'

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
  readonly #partial: PartialBlob
  #sizeBytes: number | undefined
  #expectedSize: Promise<number | undefined> | undefined
  #isServed = false
  #isVerified = false

  constructor(settings: DownloadSettings, partial: PartialBlob, callbacks: Callbacks) {
    this.#settings = settings
    this.#partial = partial
    this.#callbacks = callbacks
  }

  /** Undefined until upstream has answered, or where nobody says. */
  get sizeBytes(): number | undefined {
    return this.#sizeBytes
  }

  get isVerified(): boolean {
    return this.#isVerified
  }

  /** Somebody else has found out how large it is. */
  knowSize(sizeBytes: number): void {
    this.#sizeBytes ??= sizeBytes
  }

  /** Resolves when the blob is kept, with its size. Throws UpstreamError, DigestMismatchError, StoreFaultError. */
  async run(): Promise<number> {
    const partial = this.#partial
    try {
      return await this.#download(() => partial.resume())
    } catch (error) {
      // Perhaps what an earlier download left is at fault: begin anew, while nobody has read of it.
      if (!partial.isResumed || this.#isServed || !isWrong(error)) throw error
      const isWrongForCertain = error instanceof DigestMismatchError
      const download = () => this.#download(() => partial.create())
      return partial.replace(download, { isWrongForCertain })
    }
  }

  async #download(openWriter: () => Promise<BlobWriter>): Promise<number> {
    const opened = Promise.withResolvers<BlobWriter>()
    const { upstream, source, digest, turn, hasSlot } = this.#settings
    const { signal } = this.#callbacks
    // The writer is opened when its turn has come: who only waits holds no file.
    const findPart = async () => {
      const writer = await openWriter()
      opened.resolve(writer)
      return { start: writer.writtenBytes }
    }
    // Beforehand it is only a hint; where it is needed it is awaited again, and a failure heard of.
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
    await appendAll(transfer.chunks, writer, {
      limitBytes: this.#sizeBytes ?? maxUnannouncedBytes,
      upstream: this.#settings.upstream.name,
      onAppended: (chunks) => {
        this.#callbacks.onProgress(chunks, writer.writtenBytes)
        transfer.release?.(writer.writtenBytes)
      },
    })
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
