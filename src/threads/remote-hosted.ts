import type { Config } from '../config/config.ts'
import type { AnyHosted, PushTaken } from '../hosted/any-hosted.ts'
import type { NewManifest } from '../hosted/hosted-manifests.ts'
import { ownsMemory } from '../hosted/own-memory.ts'
import { type RequestedName, resolveOwn } from '../hosted/own-name.ts'
import type { UploadState, UploadWriter } from '../hosted/uploads.ts'
import type { Digest } from '../oci/digest.ts'
import type { Reference } from '../oci/reference.ts'
import type { Repository } from '../oci/repository.ts'
import type { Calls } from './calls.ts'
import type { HostedCalls, PlainWriter } from './hosted-calls.ts'

/** The private registry as a serving thread has it: the main thread does the writing. */
export class RemoteHosted implements AnyHosted {
  readonly #calls: Calls<HostedCalls>
  #config: Config

  constructor(calls: Calls<HostedCalls>, config: Config) {
    this.#calls = calls
    this.#config = config
  }

  /** Takes up a changed configuration. */
  configure(config: Config): void {
    this.#config = config
  }

  resolveOwn(requested: RequestedName): Repository {
    return resolveOwn(requested, this.#config)
  }

  async beginUpload(repository: Repository, client: string): Promise<UploadWriter> {
    return this.#toWriter(await this.#calls.call('beginUpload', repository, client))
  }

  async resumeUpload(repository: Repository, id: string, start?: number): Promise<UploadWriter> {
    return this.#toWriter(await this.#calls.call('resumeUpload', repository, id, start))
  }

  describeUpload(repository: Repository, id: string): Promise<UploadState> {
    return this.#calls.call('describeUpload', repository, id)
  }

  mountBlob(repository: Repository, digest: Digest, from?: Repository): Promise<boolean> {
    return this.#calls.call('mountBlob', repository, digest, from)
  }

  pushManifest(repository: Repository, pushed: NewManifest): Promise<PushTaken> {
    return this.#calls.call('pushManifest', repository, pushed)
  }

  removeManifest(repository: Repository, reference: Reference): Promise<void> {
    return this.#calls.call('removeManifest', repository, reference)
  }

  removeBlob(repository: Repository, digest: Digest): Promise<void> {
    return this.#calls.call('removeBlob', repository, digest)
  }

  removeVersion: AnyHosted['removeVersion'] = (repository, reference) =>
    this.#calls.call('removeVersion', repository, reference)

  removeRepository: AnyHosted['removeRepository'] = (repository) =>
    this.#calls.call('removeRepository', repository)

  prune: AnyHosted['prune'] = (rules, options) => this.#calls.call('prune', rules, options)

  countRules(): number {
    return this.#config.hosted.retention.length
  }

  planRemoval: AnyHosted['planRemoval'] = (repository, reference) =>
    this.#calls.call('planRemoval', repository, reference)

  tag: AnyHosted['tag'] = (repository, wanted) => this.#calls.call('tagHosted', repository, wanted)

  planCopy: AnyHosted['planCopy'] = (copy) => this.#calls.call('planCopy', copy)

  copy: AnyHosted['copy'] = (copy) => this.#calls.call('copy', copy)

  free: AnyHosted['free'] = () => this.#calls.call('free')

  #toWriter({ writerId, id, ...state }: PlainWriter): UploadWriter {
    const calls = this.#calls
    let { sizeBytes } = state
    return {
      id,
      get sizeBytes() {
        return sizeBytes
      },
      append: async (chunks) => {
        // What is posted goes over together with all the memory it is a part of.
        const owning = chunks.map((chunk) => (ownsMemory(chunk) ? chunk : new Uint8Array(chunk)))
        const moved = owning.map(({ buffer }) => buffer)
        sizeBytes = await calls.callMoving(moved, 'appendUpload', writerId, owning)
      },
      finish: (digest) => calls.call('finishUpload', writerId, digest),
      cancel: () => calls.call('cancelUpload', writerId),
      close: () => calls.call('closeUpload', writerId),
    }
  }
}
