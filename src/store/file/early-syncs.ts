import type { FileHandle } from 'node:fs/promises'

/** Less of a file isn't worth a trip to the disk by itself. */
const worthwhileBytes = 16 * 1024 * 1024

/** One at a time, of all files: each takes one of the few threads that read and write. */
let isBusy = false

/**
 * Has the disk begin with a file while the rest of it still comes: the kernel may leave all of it to the
 * sync in the end, and whoever sent it waits for that.
 */
export class EarlySyncs {
  readonly #handle: Pick<FileHandle, 'datasync'>
  #beganAtBytes: number
  #running: Promise<void> = Promise.resolve()
  #failure: { readonly error: unknown } | undefined

  /** `writtenBytes`: that the file has by now. */
  constructor(handle: Pick<FileHandle, 'datasync'>, writtenBytes: number) {
    this.#handle = handle
    this.#beganAtBytes = writtenBytes
  }

  /** Begins one if that is worth it. Throws what an earlier one failed with. */
  note(writtenBytes: number): void {
    if (this.#failure) throw this.#failure.error
    if (isBusy || writtenBytes - this.#beganAtBytes < worthwhileBytes) return
    this.#beganAtBytes = writtenBytes
    this.#running = this.#sync()
  }

  /** None is under way when it resolves. Throws what one failed with: no later sync tells of that again. */
  async settle(): Promise<void> {
    await this.#running
    if (this.#failure) throw this.#failure.error
  }

  async #sync(): Promise<void> {
    isBusy = true
    try {
      await this.#handle.datasync()
    } catch (error) {
      this.#failure = { error }
    } finally {
      isBusy = false
    }
  }
}
