import type { Digest } from '../oci/digest.ts'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { BlobStore, BlobWriter } from '../store/blob-store.ts'
import { UpstreamError, WrongContentError } from '../upstream/upstream-error.ts'

type Settings = {
  readonly blobs: BlobStore
  readonly digest: Digest
  /** Whose bytes they are: those of one upstream aren't gone on with from another. */
  readonly upstream: { readonly name: UpstreamName }
}

/**
 * What there is of a blob that is being downloaded: what an earlier download left and this one goes
 * on with, or, where that proves wrong, a new beginning in its place.
 */
export class PartialBlob {
  readonly #settings: Settings
  readonly #signal: AbortSignal
  #writer: BlobWriter | undefined
  /** Of what is there, left by an earlier download. */
  #leftBytes = 0
  #isResumable = true

  /** Aborting `signal` ends the reading of what was left. */
  constructor(settings: Settings, signal: AbortSignal) {
    this.#settings = settings
    this.#signal = signal
  }

  /** Undefined until one is opened, and while it is being replaced. The owner closes it in the end. */
  get writer(): BlobWriter | undefined {
    return this.#writer
  }

  /** Whether it begins with what an earlier download left. */
  get isResumed(): boolean {
    return this.#writer !== undefined && this.#leftBytes > 0
  }

  /** Goes on with what was left, or begins where nothing was. Throws UpstreamError once aborted. */
  async resume(): Promise<BlobWriter> {
    const { blobs, digest, upstream } = this.#settings
    const signal = this.#signal
    try {
      this.#writer = await blobs.resume(digest, { owner: upstream.name, signal })
      this.#leftBytes = this.#writer.writtenBytes
      return this.#writer
    } catch (error) {
      if (!signal.aborted) throw error
      const what = 'was not waited for any longer'
      throw new UpstreamError(upstream.name, 'unavailable', what, { cause: error })
    }
  }

  /** Begins anew, beside what is there. */
  async create(): Promise<BlobWriter> {
    const { blobs, digest } = this.#settings
    this.#leftBytes = 0
    this.#isResumable = false
    this.#writer = await blobs.create(digest)
    return this.#writer
  }

  /**
   * `download` is to bring the whole blob by `create`. What is there goes only when there is
   * something better, or at once when it is wrong for certain.
   */
  async replace<T>(download: () => Promise<T>, { isWrongForCertain = false } = {}): Promise<T> {
    const leftover = this.#writer
    this.#writer = undefined
    try {
      if (isWrongForCertain) await leftover?.discard()
      const downloaded = await download()
      await leftover?.discard()
      return downloaded
    } finally {
      await leftover?.close()
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
}
