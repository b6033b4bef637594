import { DigestCheck } from '../oci/digest-check.ts'
import type { Source } from '../oci/source.ts'
import type { BlobStore } from '../store/blob-store.ts'
import type { DigestHolds } from '../store/digest-holds.ts'
import { StoreFaultError } from '../store/store-fault.ts'
import { blameUpstream } from './blame-upstream.ts'
import { BlobDownload, type DownloadSettings } from './blob-download.ts'
import { BlobFollower } from './blob-follower.ts'
import { GrowingBlob } from './growing-blob.ts'
import { PartialBlob } from './partial-blob.ts'
import type { Segments } from './segments.ts'

type Settings = DownloadSettings & {
  readonly blobs: BlobStore
  readonly holds: DigestHolds
  /** Memory for what is read along. */
  readonly segments: Segments
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
  /** Called when the blob is kept, before the fetch counts as finished. */
  readonly onKept: (sizeBytes: number) => Promise<void>
  /** Called once, when nobody may attach any more. `error` says why the blob isn't kept or not noted. */
  readonly onSettled: (error: unknown) => void
  readonly onCloseError: (error: unknown) => void
}

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
  readonly #partial: PartialBlob
  readonly #download: BlobDownload
  readonly #growing: GrowingBlob
  readonly #abort = new AbortController()
  readonly #start = Promise.withResolvers<number>()
  #users = 1
  #clients = 0

  constructor(settings: Settings) {
    this.#settings = settings
    this.source = settings.source
    this.started = this.#start.promise
    this.started.catch(ignore)
    const { signal } = this.#abort
    const partial = new PartialBlob(settings, signal)
    const download = new BlobDownload(settings, partial, {
      signal,
      onServable: (sizeBytes) => this.#start.resolve(sizeBytes),
      onProgress: (chunks, end) => this.#growing.add(chunks, end, this.#users > 1),
    })
    this.#partial = partial
    this.#download = download
    this.#growing = new GrowingBlob(settings, { partial, download })
    // Who takes away what lay there before has forgotten it by the time that this is recorded.
    this.finished = settings.holds.during(settings.digest, () => this.#run())
  }

  /** How many bytes from the beginning may be served by now. */
  get availableBytes(): number {
    return this.#growing.availableBytes
  }

  get writtenBytes(): number {
    return this.#partial.writer?.writtenBytes ?? 0
  }

  /** Undefined until upstream has said it, or where it doesn't. */
  get sizeBytes(): number | undefined {
    return this.#download.sizeBytes
  }

  /** How many clients read along. */
  get clients(): number {
    return this.#clients
  }

  /** Why the blob isn't kept or not noted, once `finished` has settled. */
  get failure(): unknown {
    return this.#growing.failure
  }

  /** Whether it has failed, so that it has no answer for whoever comes now. */
  get hasFailed(): boolean {
    return this.failure !== undefined && !this.isPassedOn
  }

  /** Whether the disk takes no more, so that what is read isn't kept. */
  get isPassedOn(): boolean {
    return this.#growing.isPassedOn
  }

  abort(): void {
    this.#abort.abort()
  }

  /**
   * Only after `started`. Its reads wait for bytes that are yet to come, and throw if the fetch
   * fails. Undefined if the fetch has ended meanwhile and its content must be looked for again. With
   * `isClient` it counts as a client as long as it is open.
   */
  openReader(sizeBytes: number, { isClient = false } = {}): BlobFollower | undefined {
    if (this.#users === 0) return undefined
    this.#users++
    if (isClient) this.#clients++
    return new BlobFollower(this.#growing, sizeBytes, () => {
      if (isClient) this.#clients--
      return this.#release()
    })
  }

  async #run(): Promise<void> {
    try {
      await this.#settings.onKept(await this.#download.run())
    } catch (error) {
      await this.#fail(error)
    }
    this.#growing.end()
    // First out of everyone's sight, then closed: nobody may attach to a fetch that can't be read.
    this.#settings.onSettled(this.failure)
    await this.#release()
  }

  async #fail(error: unknown): Promise<void> {
    this.#growing.fail(blameUpstream(error, this.#settings.upstream.name))
    if (error instanceof StoreFaultError && !this.#download.isVerified) await this.#passOnRest()
    // Whoever waits for the start and can't have it hears of that; else this changes nothing.
    this.#start.reject(this.failure)
    try {
      await this.#partial.discardUnlessUseful(this.failure)
    } catch (left) {
      const what = 'a failed fetch left its partial'
      this.#growing.fail(new AggregateError([this.failure, left], what))
    }
  }

  /** A fault of the disk is no reason for a client to go without: what isn't kept is passed on. */
  async #passOnRest(): Promise<void> {
    const { digest } = this.#settings
    const { writer } = this.#partial
    try {
      const sizeBytes = this.#download.sizeBytes ?? (await this.#findSize())
      if (sizeBytes === undefined) return
      this.#download.knowSize(sizeBytes)
      const check = writer?.copyCheck() ?? new DigestCheck(digest)
      this.#growing.handOver({ start: writer?.writtenBytes ?? 0, check, sizeBytes })
      this.#start.resolve(sizeBytes)
    } catch (refusal) {
      this.#growing.fail(refusal)
    }
  }

  async #findSize(): Promise<number | undefined> {
    const { upstream, source, digest, findExpectedSize } = this.#settings
    return (await upstream.headBlob(source.repository, digest)) ?? (await findExpectedSize())
  }

  async #release(): Promise<void> {
    this.#users--
    if (this.#users > 0) return
    // Nothing is lost with a handle that fails to close: what was kept is synced by then.
    await this.#partial.writer?.close().catch(this.#settings.onCloseError)
  }
}

/** Whoever waits for the start hears of a failure; if nobody does, it is no unhandled one. */
function ignore(): void {}
