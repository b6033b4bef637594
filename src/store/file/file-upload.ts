import { type FileHandle, rm } from 'node:fs/promises'
import { type Digest, digestAlgorithm } from '../../oci/digest.ts'
import { DigestMismatchError } from '../../oci/digest-check.ts'
import { RunningDigest } from '../../oci/running-digest.ts'
import type { Upload } from '../upload-store.ts'
import { EarlySyncs } from './early-syncs.ts'
import { finishFile } from './finish-file.ts'
import { GrowingFile } from './growing-file.ts'
import { hashUpTo } from './hash-file.ts'
import type { UnfinishedName } from './unfinished-folder.ts'

/** Nearly all uploads end with one of these; any other is read once more. */
const likelyAlgorithm = 'sha256'

type Content = {
  readonly handle: FileHandle
  readonly running: RunningDigest
  /** That `running` has seen. */
  readonly writtenBytes: number
}

type Settings = {
  readonly name: UnfinishedName
  /** Where the content of a digest lies, and what is called once it is there. */
  readonly placeOf: (digest: Digest) => { readonly path: string; readonly onTaken: () => void }
}

/** Broken: it may not reach the disk. */
type State = 'growing' | 'broken' | 'kept' | 'discarded'

/** One file under `uploads/`. */
export class FileUpload implements Upload {
  readonly #settings: Settings
  readonly #running: RunningDigest
  readonly #file: GrowingFile
  readonly #syncs: EarlySyncs
  #state: State = 'growing'

  constructor({ handle, running, writtenBytes }: Content, settings: Settings) {
    this.#settings = settings
    this.#running = running
    this.#file = new GrowingFile({ handle, hash: running, writtenBytes })
    this.#syncs = new EarlySyncs(handle, writtenBytes)
  }

  static begin(handle: FileHandle, settings: Settings): FileUpload {
    const running = new RunningDigest(likelyAlgorithm)
    return new FileUpload({ handle, running, writtenBytes: 0 }, settings)
  }

  /** Reads all that is there. What the file has more by then is cut off. */
  static async resume(handle: FileHandle, settings: Settings): Promise<FileUpload> {
    const running = new RunningDigest(likelyAlgorithm)
    const { size } = await handle.stat()
    const writtenBytes = await hashUpTo(size, { handle, hash: running })
    await handle.truncate(writtenBytes)
    return new FileUpload({ handle, running, writtenBytes }, settings)
  }

  get writtenBytes(): number {
    return this.#file.writtenBytes
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    this.#require('growing')
    await this.#file.append(chunks)
    this.#syncs.note(this.#file.writtenBytes)
  }

  async keep(digest: Digest, announce?: () => Promise<void>): Promise<void> {
    this.#require('growing')
    const actual = await this.#digestLike(digest)
    if (actual !== digest) throw new DigestMismatchError(digest, actual)
    await announce?.()
    // It is tried once: a second sync tells nothing of what the first lost.
    this.#state = 'broken'
    await this.#syncs.settle()
    const { name, placeOf } = this.#settings
    const { path, onTaken } = placeOf(digest)
    const { handle } = this.#file
    await finishFile({
      handle,
      from: name.path,
      to: path,
      onTaken: () => {
        onTaken()
        this.#state = 'kept'
        name.release()
      },
    })
  }

  async discard(): Promise<void> {
    if (this.#state === 'kept' || this.#state === 'discarded') return
    this.#state = 'discarded'
    const { name } = this.#settings
    await rm(name.path, { force: true })
    name.release()
  }

  async close(): Promise<void> {
    try {
      // What may not have reached the disk isn't gone on with.
      await this.#syncs.settle().catch(() => this.discard())
    } finally {
      await this.#file.close().finally(this.#settings.name.release)
    }
  }

  async #digestLike(digest: Digest): Promise<Digest> {
    const algorithm = digestAlgorithm(digest)
    if (algorithm === likelyAlgorithm) return this.#running.digest
    const { handle, writtenBytes } = this.#file
    const running = new RunningDigest(algorithm)
    await hashUpTo(writtenBytes, { handle, hash: running })
    return running.digest
  }

  #require(wanted: State): void {
    const state = this.#state === 'growing' && this.#file.isBroken ? 'broken' : this.#state
    if (state !== wanted) throw new Error(`the upload is ${state}, not ${wanted}`)
  }
}
