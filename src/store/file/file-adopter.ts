import { link, lstat, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Digest } from '../../oci/digest.ts'
import type { Adopted, BlobAdopter } from '../blob-adopter.ts'
import type { BlobWriter } from '../blob-store.ts'
import { finishFile } from './finish-file.ts'
import { ForeignFile } from './foreign-file.ts'
import type { KeptFiles } from './kept-files.ts'
import { partialName } from './partial-name.ts'
import type { UnfinishedFolder } from './unfinished-folder.ts'

type Parts = {
  readonly kept: KeptFiles
  readonly partial: UnfinishedFolder
  readonly create: (digest: Digest) => Promise<BlobWriter>
}

/** Takes files over from elsewhere: by a hard link, which costs no room, or by copying them. */
export class FileAdopter implements BlobAdopter {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  async adopt(file: string, digest: Digest): Promise<Adopted> {
    const sizeBytes = await this.#link(file, digest)
    if (sizeBytes !== undefined) return { sizeBytes, isLinked: true }
    return { sizeBytes: await this.#copy(file, digest), isLinked: false }
  }

  async check(file: string, digest: Digest): Promise<number> {
    const original = await ForeignFile.open(file)
    try {
      await original.verify(digest)
      return original.sizeBytes
    } finally {
      await original.close()
    }
  }

  /** Its size; undefined where it must be copied. The link is what is read: the other name may be given away. */
  async #link(file: string, digest: Digest): Promise<number | undefined> {
    const { path, release } = this.#parts.partial.takeUnique(partialName(digest))
    try {
      if (!(await tryLink(file, path))) return undefined
      const linked = await ForeignFile.open(path, file)
      try {
        if (!(await this.#isReadable(linked))) return undefined
        await linked.verify(digest)
        return (await this.#finish(linked, path, digest)) ? linked.sizeBytes : undefined
      } finally {
        await linked.close()
      }
    } finally {
      // Also where it was finished: a name that is given to the file that has it already stays.
      await rm(path, { force: true }).finally(release)
    }
  }

  /** Whether who owns the data folder may read what keeps its owner and mode. */
  async #isReadable({ handle }: ForeignFile): Promise<boolean> {
    const { uid, mode } = await handle.stat()
    const folder = await stat(this.#parts.partial.pathOf(''))
    return folder.uid === 0 || (mode & (uid === folder.uid ? 0o400 : 0o004)) !== 0
  }

  /** False where it was taken for something left long ago, as which it is as old as the file. */
  async #finish({ handle }: ForeignFile, from: string, digest: Digest): Promise<boolean> {
    const { kept } = this.#parts
    const to = kept.path(digest)
    try {
      await finishFile({ handle, from, to, onTaken: () => kept.forget(digest) })
      return true
    } catch (error) {
      // The folder that it goes to is there: see FileBlobStore.open.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      await stat(dirname(to))
      return false
    }
  }

  async #copy(file: string, digest: Digest): Promise<number> {
    const original = await ForeignFile.open(file)
    try {
      const writer = await this.#parts.create(digest)
      try {
        for await (const piece of original.read()) await writer.append([piece])
        writer.verify()
        await writer.keep()
        return writer.writtenBytes
      } finally {
        await writer.discard().finally(() => writer.close())
      }
    } finally {
      await original.close()
    }
  }
}

/** Of a symbolic link the link itself would get a second name. */
async function tryLink(file: string, path: string): Promise<boolean> {
  try {
    if (!(await lstat(file)).isFile()) return false
    await link(file, path)
    return true
  } catch {
    // Another file system, too many links, not allowed: that shows when it is copied, or doesn't matter.
    return false
  }
}
