import { constants } from 'node:fs'
import { open, rm, stat } from 'node:fs/promises'
import type { Upload, UploadStore } from '../upload-store.ts'
import { FileUpload } from './file-upload.ts'
import type { KeptFiles } from './kept-files.ts'
import type { UnfinishedFolder, UnfinishedName } from './unfinished-folder.ts'
import { unlessMissing } from './unless-missing.ts'

const mode = 0o644
const beginFlags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL
/** Never somewhere else, behind a link. */
const resumeFlags = constants.O_RDWR | constants.O_NOFOLLOW

/** Uploads as files under `uploads/`; one that nobody has written to for a day is removed. */
export class FileUploadStore implements UploadStore {
  readonly #folder: UnfinishedFolder
  readonly #kept: KeptFiles

  /** The caller closes the folder. `kept` is where the content goes in the end. */
  constructor(folder: UnfinishedFolder, kept: KeptFiles) {
    this.#folder = folder
    this.#kept = kept
  }

  async create(id: string): Promise<Upload> {
    const name = await this.#take(id)
    try {
      const handle = await open(name.path, beginFlags, mode)
      return FileUpload.begin(handle, this.#settingsOf(name))
    } catch (error) {
      name.release()
      throw error
    }
  }

  async resume(id: string): Promise<Upload | undefined> {
    const name = await this.#take(id)
    try {
      const upload = await unlessMissing(this.#reopen(name))
      if (!upload) name.release()
      return upload
    } catch (error) {
      name.release()
      throw error
    }
  }

  async remove(id: string): Promise<void> {
    const name = await this.#take(id)
    await rm(name.path, { force: true }).finally(name.release)
  }

  async find(id: string): Promise<number | undefined> {
    const found = await unlessMissing(stat(this.#folder.pathOf(id)))
    return found?.size
  }

  async #take(id: string): Promise<UnfinishedName> {
    const name = await this.#folder.takeResumable(id)
    if (name) return name
    throw new Error('the upload is open already, or another process uses the data folder')
  }

  async #reopen(name: UnfinishedName): Promise<Upload> {
    const handle = await open(name.path, resumeFlags)
    try {
      return await FileUpload.resume(handle, this.#settingsOf(name))
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  #settingsOf(name: UnfinishedName) {
    const kept = this.#kept
    const placeOf: ConstructorParameters<typeof FileUpload>[1]['placeOf'] = (digest) => ({
      path: kept.path(digest),
      onTaken: () => kept.forget(digest),
    })
    return { name, placeOf }
  }
}
