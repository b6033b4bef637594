import { randomBytes } from 'node:crypto'
import { access, mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, digestAlgorithms, isDigest } from '../../oci/digest.ts'
import type { BlobAdopter } from '../blob-adopter.ts'
import type {
  BlobReader,
  BlobStore,
  BlobWriter,
  CheckedBlob,
  CheckOptions,
  ForeignName,
  NamesPage,
  ResumeOptions,
} from '../blob-store.ts'
import { checkFile } from './check-file.ts'
import { FileAdopter } from './file-adopter.ts'
import { FileBlobWriter } from './file-blob-writer.ts'
import { FileUploadStore } from './file-upload-store.ts'
import { KeptFiles } from './kept-files.ts'
import { listNames } from './list-names.ts'
import { createContent, resumeContent } from './partial-content.ts'
import { partialName, resumableName } from './partial-name.ts'
import { Quarantine } from './quarantine.ts'
import { ResumeLock } from './resume-lock.ts'
import { UnfinishedFolder, type UnfinishedName } from './unfinished-folder.ts'

type OnError = (error: unknown, what: string) => void

type Parts = {
  readonly kept: KeptFiles
  readonly lock: ResumeLock
  readonly partial: UnfinishedFolder
  readonly uploads: UnfinishedFolder
}

const trialBytes = 64 * 1024

/**
 * Blobs as files: `blobs/<algorithm>/<hex>` holds finished content only, named by its digest and
 * never rewritten (image-layout §Blobs); `partial/` holds what is being written. Both lie in one
 * file system, since a file is finished by rename.
 */
export class FileBlobStore implements BlobStore {
  readonly #folder: string
  readonly #kept: KeptFiles
  readonly #parts: Parts
  /** Of what is pushed, which ends up here too. */
  readonly uploads: FileUploadStore

  private constructor(folder: string, parts: Parts) {
    this.#folder = folder
    this.#kept = parts.kept
    this.#parts = parts
    this.uploads = new FileUploadStore(parts.uploads, parts.kept)
  }

  /**
   * Makes the folders. `onError` hears of what goes wrong in the background, and why nothing can be
   * resumed. A guest resumes nothing, and leaves that to the server.
   */
  static async open(
    folder: string,
    onError: OnError,
    { isGuest = false } = {},
  ): Promise<FileBlobStore> {
    for (const algorithm of digestAlgorithms) {
      await mkdir(join(folder, 'blobs', algorithm), { recursive: true })
    }
    const kept = new KeptFiles(folder, onError)
    const lock = new ResumeLock(isGuest ? undefined : join(folder, 'partial.lock'), onError)
    const settings = { lock, onError }
    const partial = await UnfinishedFolder.open(join(folder, 'partial'), settings)
    const uploads = await UnfinishedFolder.open(join(folder, 'uploads'), settings)
    return new FileBlobStore(folder, { kept, lock, partial, uploads })
  }

  /** Whether this process is the server of the data folder, and no other is. */
  isAlone(): Promise<boolean> {
    return this.#parts.lock.isHeld()
  }

  find(digest: Digest): Promise<number | undefined> {
    return this.#kept.find(digest)
  }

  open(digest: Digest): Promise<BlobReader | undefined> {
    return this.#kept.open(digest)
  }

  async create(digest: Digest): Promise<BlobWriter> {
    return this.#begin(digest, this.#parts.partial.takeUnique(partialName(digest)), createContent)
  }

  async resume(digest: Digest, { owner, signal }: ResumeOptions): Promise<BlobWriter> {
    const name = await this.#parts.partial.takeResumable(resumableName(digest, owner))
    if (!name) return this.create(digest)
    return this.#begin(digest, name, (path) => resumeContent(path, digest, signal))
  }

  /** Files of others are taken over: by a link, or as copies that `create` begins. */
  adoptBy(create: BlobStore['create']): BlobAdopter {
    return new FileAdopter({ ...this.#parts, create })
  }

  async remove(digest: Digest): Promise<void> {
    this.#kept.forget(digest)
    await rm(this.#kept.path(digest), { force: true })
  }

  isShared(digest: Digest): Promise<boolean> {
    return this.#kept.isShared(digest)
  }

  removePartials(unusedForMs: number): Promise<number> {
    return this.#parts.partial.clean(unusedForMs)
  }

  async *list(): AsyncIterable<{ digest: Digest; sizeBytes: number }> {
    for (const algorithm of digestAlgorithms) {
      for (const hex of await readdir(join(this.#folder, 'blobs', algorithm))) {
        const digest = `${algorithm}:${hex}`
        if (!isDigest(digest)) continue
        const sizeBytes = await this.find(digest)
        if (sizeBytes !== undefined) yield { digest, sizeBytes }
      }
    }
  }

  listNames(): AsyncIterable<NamesPage> {
    return listNames(join(this.#folder, 'blobs'))
  }

  check(digest: Digest, options: CheckOptions = {}): Promise<CheckedBlob | undefined> {
    return checkFile(this.#kept.path(digest), digest, options)
  }

  async quarantine(name: Digest | ForeignName, why: string, mark?: string): Promise<boolean> {
    const quarantine = this.#quarantine
    if (typeof name !== 'string') {
      const path = join(this.#folder, 'blobs', name.foreign)
      return quarantine.take({ path, name: name.foreign, why })
    }
    this.#kept.forget(name)
    return quarantine.take({ path: this.#kept.path(name), name, why, mark })
  }

  async release(digest: Digest): Promise<boolean> {
    const isRight = async (path: string) => {
      const checked = await checkFile(path, digest, {})
      return checked !== undefined && checked.fault === undefined
    }
    const path = this.#kept.path(digest)
    const isBack = await this.#quarantine.giveBack({ path, name: digest, isRight })
    if (isBack) this.#kept.forget(digest)
    return isBack
  }

  /** Throws if nothing could be kept at the moment. */
  async tryToKeep(): Promise<void> {
    const { path, release } = this.#parts.partial.takeUnique('trial')
    try {
      await writeSynced(path)
    } finally {
      await rm(path, { force: true }).finally(release)
    }
    for (const algorithm of digestAlgorithms) await access(join(this.#folder, 'blobs', algorithm))
  }

  /** Every writer and every upload must be closed: the next process may go on with them at once. */
  async close(): Promise<void> {
    const { kept, lock, partial, uploads } = this.#parts
    await kept.close()
    await partial.close()
    await uploads.close()
    lock.release()
  }

  get #quarantine(): Quarantine {
    return new Quarantine(join(this.#folder, 'quarantine'))
  }

  async #begin(
    digest: Digest,
    name: UnfinishedName,
    openContent: typeof createContent,
  ): Promise<BlobWriter> {
    try {
      const content = await openContent(name.path, digest)
      const onTaken = () => this.#kept.forget(digest)
      return new FileBlobWriter(content, name, { path: this.#kept.path(digest), onTaken })
    } catch (error) {
      name.release()
      throw error
    }
  }
}

/** Random, since a file system that compresses would find room for zeros. */
async function writeSynced(path: string): Promise<void> {
  const handle = await open(path, 'wx')
  try {
    await handle.writeFile(randomBytes(trialBytes))
    await handle.sync()
  } finally {
    await handle.close()
  }
}
