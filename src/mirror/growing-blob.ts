import type { Digest } from '../oci/digest.ts'
import type { DigestCheck } from '../oci/digest-check.ts'
import type { Source } from '../oci/source.ts'
import type { BlobReader, WrittenPlace } from '../store/blob-store.ts'
import type { Upstream } from '../upstream/upstream.ts'
import type { BlobDownload } from './blob-download.ts'
import type { Followed } from './blob-follower.ts'
import { servableBytes } from './held-back.ts'
import type { PartialBlob } from './partial-blob.ts'
import { PassReader } from './pass-reader.ts'
import { Progress } from './progress.ts'
import { RecentBytes, type View } from './recent-bytes.ts'
import type { Segments } from './segments.ts'

type Settings = {
  readonly source: Source
  readonly digest: Digest
  readonly upstream: Upstream
  /** Memory for what is read along. */
  readonly segments: Segments
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
}

type Parts = { readonly partial: PartialBlob; readonly download: BlobDownload }

/** From where on nothing could be written, what has been hashed until there, and how large it all is. */
type HandOver = {
  readonly start: number
  readonly check: DigestCheck
  readonly sizeBytes: number
}

/**
 * A blob as its readers see it while it is downloaded: what has been written so far, and, once the
 * disk takes no more, what upstream sends to each of them.
 */
export class GrowingBlob implements Followed {
  readonly #settings: Settings
  readonly #partial: PartialBlob
  readonly #download: BlobDownload
  readonly #progress = new Progress()
  readonly #recent: RecentBytes
  #handOver: HandOver | undefined
  #failure: unknown

  constructor(settings: Settings, { partial, download }: Parts) {
    this.#settings = settings
    this.#recent = new RecentBytes(settings.segments)
    this.#partial = partial
    this.#download = download
  }

  /** How many bytes from the beginning may be served by now. */
  get availableBytes(): number {
    const written = this.#partial.writer?.writtenBytes ?? 0
    const { sizeBytes = 0, isVerified } = this.#download
    return servableBytes(written, { sizeBytes, isVerified })
  }

  get failure(): unknown {
    return this.#failure
  }

  /** Whether the disk takes no more, so that what is read isn't kept. */
  get isPassedOn(): boolean {
    return this.#handOver !== undefined
  }

  /** More may be read than before: what was just written, to where. */
  add(chunks: readonly Uint8Array[], end: number, isFollowed: boolean): void {
    // Kept only while somebody reads along.
    if (isFollowed) this.#recent.add(chunks, end)
    else this.#recent.clear()
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    if (bytes > 0) this.#progress.add(bytes)
    else this.#progress.tell()
  }

  /** Nothing more is written. Who waits for more hears of it at the end. */
  fail(failure: unknown): void {
    this.#failure = failure
  }

  /** Nothing more is written, but all can be read. */
  handOver(handOver: HandOver): void {
    this.#handOver = handOver
  }

  /** Nothing more happens: who waits for more is to look. */
  end(): void {
    this.#recent.clear()
    this.#progress.tell()
  }

  async findPlace(): Promise<WrittenPlace | undefined> {
    return this.#partial.writer?.findPlace()
  }

  async waitBeyond(position: number): Promise<number | undefined> {
    while (this.availableBytes <= position) {
      if (this.#handOver) return undefined
      if (this.#failure !== undefined) throw this.#failure
      await this.#progress.next
    }
    return this.availableBytes
  }

  async readWritten(buffer: Uint8Array, position: number): Promise<number> {
    return (
      this.#recent.read(buffer, position) || (this.#partial.writer?.read(buffer, position) ?? 0)
    )
  }

  viewWritten(position: number): View | undefined {
    return this.#recent.view(position)
  }

  /** Whoever has read all that was written gets the rest verified with it; who is ahead gets a part. */
  async passOn(position: number): Promise<BlobReader> {
    if (!this.#handOver) throw new Error('what is written needs no passing on')
    const { upstream, source, digest, signal } = this.#settings
    const { sizeBytes } = this.#handOver
    const isAhead = position > this.#handOver.start
    const start = isAhead ? position : this.#handOver.start
    const prefix = new Uint8Array(start - position)
    const isRead = (await this.readWritten(prefix, position)) === prefix.length
    if (!isRead) throw new Error('what was written before the disk failed is gone')
    const check = isAhead ? {} : { check: this.#handOver.check.copy() }
    const options = { findPart: async () => ({ start }), signal }
    const transfer = await upstream.fetchBlob(source.repository, digest, options)
    return new PassReader({ transfer, start, prefix, sizeBytes, ...check })
  }
}
