import { rm } from 'node:fs/promises'
import type { DigestCheck } from '../../oci/digest-check.ts'
import type { BlobWriter, WrittenPlace } from '../blob-store.ts'
import { finishFile } from './finish-file.ts'
import { GrowingFile } from './growing-file.ts'
import type { PartialContent } from './partial-content.ts'
import type { UnfinishedName } from './unfinished-folder.ts'

/** Where finished content goes; `onTaken` is called when it is there, in place of what was there before. */
type FinalName = { readonly path: string; readonly onTaken: () => void }

/** Broken: it is known to be wrong, or may not reach the disk. */
type State = 'growing' | 'broken' | 'verified' | 'kept' | 'discarded'

/** One file that grows under `partial/`, is hashed as it grows, and moves to its name when it is right. */
export class FileBlobWriter implements BlobWriter {
  readonly #partial: UnfinishedName
  readonly #final: FinalName
  readonly #file: GrowingFile
  readonly #check: DigestCheck
  #state: State = 'growing'

  constructor(content: PartialContent, partial: UnfinishedName, final: FinalName) {
    const { handle, check, writtenBytes } = content
    this.#file = new GrowingFile({ handle, hash: check, writtenBytes })
    this.#check = check
    this.#partial = partial
    this.#final = final
  }

  get writtenBytes(): number {
    return this.#file.writtenBytes
  }

  async append(chunks: readonly Uint8Array[]): Promise<void> {
    this.#require('growing')
    await this.#file.append(chunks)
  }

  copyCheck(): DigestCheck {
    return this.#check.copy()
  }

  /** Under its present name or its later one, if it is the same file. */
  async findPlace(): Promise<WrittenPlace> {
    const { ino: inode } = await this.#file.handle.stat({ bigint: true })
    return { paths: [this.#partial.path, this.#final.path], inode }
  }

  read(buffer: Uint8Array, position: number): Promise<number> {
    return this.#file.read(buffer, position)
  }

  verify(): void {
    this.#require('growing')
    this.#state = 'broken'
    this.#check.verify()
    this.#state = 'verified'
  }

  /** It is tried once: a second sync tells nothing of what the first lost. */
  async keep(): Promise<void> {
    this.#require('verified')
    this.#state = 'broken'
    const onTaken = () => {
      this.#final.onTaken()
      this.#state = 'kept'
      this.#partial.release()
    }
    const { handle } = this.#file
    await finishFile({ handle, from: this.#partial.path, to: this.#final.path, onTaken })
  }

  async discard(): Promise<void> {
    if (this.#state === 'kept' || this.#state === 'discarded') return
    this.#state = 'discarded'
    await rm(this.#partial.path, { force: true })
    this.#partial.release()
  }

  async close(): Promise<void> {
    await this.#file.close().finally(this.#partial.release)
  }

  #require(wanted: State): void {
    const state = this.#state === 'growing' && this.#file.isBroken ? 'broken' : this.#state
    if (state !== wanted) throw new Error(`the blob is ${state}, not ${wanted}`)
  }
}
