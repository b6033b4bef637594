import type { AnyHosted } from '../hosted/any-hosted.ts'
import type { UploadWriter } from '../hosted/uploads.ts'
import type { HostedCalls, PlainWriter } from './hosted-calls.ts'

type OnError = (error: unknown, what: string) => void

/** The private registry as one serving thread sees it, in the main thread. */
export class HostedHost {
  readonly #hosted: AnyHosted
  readonly #onError: OnError
  readonly #writers = new Map<number, UploadWriter>()
  #lastId = 0
  #isClosed = false

  /** `onError` hears of what can't be closed once the thread has ended. */
  constructor(hosted: AnyHosted, onError: OnError) {
    this.#hosted = hosted
    this.#onError = onError
  }

  /** What the thread may call. */
  get calls(): HostedCalls {
    const hosted = this.#hosted
    return {
      beginUpload: async (repository, client) =>
        this.#add(await hosted.beginUpload(repository, client)),
      resumeUpload: async (repository, id, start) =>
        this.#add(await hosted.resumeUpload(repository, id, start)),
      describeUpload: (repository, id) => hosted.describeUpload(repository, id),
      appendUpload: (writerId, chunks) => this.#append(writerId, chunks),
      finishUpload: (writerId, digest) => this.#find(writerId).finish(digest),
      cancelUpload: (writerId) => this.#find(writerId).cancel(),
      closeUpload: (writerId) => this.#closeWriter(writerId),
      mountBlob: (repository, digest, from) => hosted.mountBlob(repository, digest, from),
      pushManifest: (repository, pushed) => hosted.pushManifest(repository, pushed),
      removeManifest: (repository, reference) => hosted.removeManifest(repository, reference),
      removeBlob: (repository, digest) => hosted.removeBlob(repository, digest),
      removeVersion: (repository, reference) => hosted.removeVersion(repository, reference),
      removeRepository: (repository) => hosted.removeRepository(repository),
      prune: (rules, options) => hosted.prune(rules, options),
      planRemoval: (repository, reference) => hosted.planRemoval(repository, reference),
      tagHosted: (repository, wanted) => hosted.tag(repository, wanted),
      copy: (copy) => hosted.copy(copy),
      planCopy: (copy) => hosted.planCopy(copy),
      free: () => hosted.free(),
    }
  }

  /** The thread has ended: others may go on with its uploads. */
  async close(): Promise<void> {
    this.#isClosed = true
    const writers = [...this.#writers.values()]
    this.#writers.clear()
    await Promise.all(writers.map((writer) => this.#closeQuietly(writer)))
  }

  async #add(writer: UploadWriter): Promise<PlainWriter> {
    if (this.#isClosed) {
      await writer.close()
      throw new Error('the thread that asked has ended')
    }
    const writerId = ++this.#lastId
    this.#writers.set(writerId, writer)
    return { writerId, id: writer.id, sizeBytes: writer.sizeBytes }
  }

  async #append(writerId: number, chunks: readonly Uint8Array[]): Promise<number> {
    const writer = this.#find(writerId)
    await writer.append(chunks)
    return writer.sizeBytes
  }

  async #closeWriter(writerId: number): Promise<void> {
    const writer = this.#writers.get(writerId)
    this.#writers.delete(writerId)
    await writer?.close()
  }

  #find(writerId: number): UploadWriter {
    const writer = this.#writers.get(writerId)
    if (!writer) throw new Error('the upload is closed')
    return writer
  }

  async #closeQuietly(writer: UploadWriter): Promise<void> {
    await writer.close().catch((error) => {
      this.#onError(error, 'closing an upload of an ended thread failed')
    })
  }
}
