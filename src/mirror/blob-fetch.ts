import { DigestCheck, DigestMismatchError } from '../oci/digest-check.ts'
import type { Source } from '../oci/source.ts'
import type { BlobReader } from '../store/blob-store.ts'
import { StoreFaultError } from '../store/store-fault.ts'
import { BlobDownload, type DownloadSettings } from './blob-download.ts'
import { BlobFollower } from './blob-follower.ts'
import { PassReader } from './pass-reader.ts'
import { Progress } from './progress.ts'
import { RecentBytes } from './recent-bytes.ts'
import { WrongContentError } from './wrong-content-error.ts'

type Settings = DownloadSettings & {
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
 * It belongs to nobody's request: it ends when it is kept, when it fails, or by `abort`. Where the
 * disk takes no more, its readers go on without it.
 */
export class BlobFetch {
  readonly source: Source
  /** The size in bytes, once upstream has answered and there is something to serve. */
  readonly started: Promise<number>
  /** Settles when nothing is left to do; never rejects. */
  readonly finished: Promise<void>
  readonly #settings: Settings
  readonly #download: BlobDownload
  readonly #abort = new AbortController()
  readonly #start = Promise.withResolvers<number>()
  #users = 1
  #handOver: HandOver | undefined
  #failure: unknown
  readonly #progress = new Progress()
  readonly #recent = new RecentBytes()

  constructor(settings: Settings) {
    this.#settings = settings
    this.source = settings.source
    this.started = this.#start.promise
    this.started.catch(ignore)
    this.#download = new BlobDownload(settings, {
      signal: this.#abort.signal,
      onServable: (sizeBytes) => this.#start.resolve(sizeBytes),
      onProgress: (chunks, end) => this.#note(chunks, end),
    })
    this.finished = this.#run()
  }

  /** How many bytes from the beginning may be served by now. */
  get availableBytes(): number {
    return this.#download.availableBytes
  }

  /** Why the blob isn't kept or not noted, once `finished` has settled. */
  get failure(): unknown {
    return this.#failure
  }

  /** Whether it has failed, so that it has no answer for whoever comes now. */
  get hasFailed(): boolean {
    return this.#failure !== undefined && !this.isPassedOn
  }

  /** Whether the disk takes no more, so that what is read isn't kept. */
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
  openReader(sizeBytes: number): BlobFollower | undefined {
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
      await this.#settings.onKept(await this.#download.run())
    } catch (error) {
      await this.#fail(error)
    }
    this.#recent.clear()
    this.#progress.tell()
    // First out of everyone's sight, then closed: nobody may attach to a fetch that can't be read.
    this.#settings.onSettled(this.#failure)
    await this.#release()
  }

  async #fail(error: unknown): Promise<void> {
    this.#failure = this.#describe(error)
    if (error instanceof StoreFaultError && !this.#download.isVerified) await this.#passOnRest()
    // Whoever waits for the start and can't have it hears of that; else this changes nothing.
    this.#start.reject(this.#failure)
    try {
      await this.#download.discardUnlessUseful(this.#failure)
    } catch (left) {
      this.#failure = new AggregateError([this.#failure, left], 'a failed fetch left its partial')
    }
  }

  /** A fault of the disk is no reason for a client to go without: what isn't kept is passed on. */
  async #passOnRest(): Promise<void> {
    const { digest } = this.#settings
    const { writer } = this.#download
    try {
      const sizeBytes = this.#download.sizeBytes ?? (await this.#findSize())
      if (sizeBytes === undefined) return
      this.#download.knowSize(sizeBytes)
      const check = writer?.copyCheck() ?? new DigestCheck(digest)
      this.#handOver = { start: writer?.writtenBytes ?? 0, check }
      this.#start.resolve(sizeBytes)
    } catch (refusal) {
      this.#failure = refusal
    }
  }

  async #findSize(): Promise<number | undefined> {
    const { upstream, source, digest, findExpectedSize } = this.#settings
    return (await upstream.headBlob(source.repository, digest)) ?? (await findExpectedSize())
  }

  async #waitBeyond(position: number): Promise<number | undefined> {
    while (this.availableBytes <= position) {
      if (this.#handOver) return undefined
      if (this.#failure !== undefined) throw this.#failure
      await this.#progress.next
    }
    return this.availableBytes
  }

  async #readWritten(buffer: Uint8Array, position: number): Promise<number> {
    return (
      this.#recent.read(buffer, position) || (this.#download.writer?.read(buffer, position) ?? 0)
    )
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
    const options = { findPart: async () => ({ start }), signal }
    const transfer = await upstream.fetchBlob(source.repository, digest, options)
    return new PassReader({ transfer, start, prefix, sizeBytes, ...check })
  }

  #note(chunks: readonly Uint8Array[], end: number): void {
    // Kept only while somebody reads along.
    if (this.#users > 1) this.#recent.add(chunks, end)
    else this.#recent.clear()
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    if (bytes > 0) this.#progress.add(bytes)
    else this.#progress.tell()
  }

  async #release(): Promise<void> {
    this.#users--
    if (this.#users > 0) return
    // Nothing is lost with a handle that fails to close: what was kept is synced by then.
    await this.#download.writer?.close().catch(this.#settings.onCloseError)
  }

  #describe(error: unknown): unknown {
    if (!(error instanceof DigestMismatchError)) return error
    const { expected, actual } = error
    const what = `sent a blob with the wrong digest: wanted ${expected}, found ${actual}`
    return new WrongContentError(this.#settings.upstream.name, what)
  }
}

/** Whoever waits for the start hears of a failure; if nobody does, it is no unhandled one. */
function ignore(): void {}
