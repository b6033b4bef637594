import { type FileHandle, open, stat } from 'node:fs/promises'
import { LRUCache } from 'lru-cache'
import type { BlobReader } from '../blob-store.ts'
import { unlessMissing } from './unless-missing.ts'

type OnError = (error: unknown, what: string) => void

/** Enough for what many ask for at one time, and few beside a process's usual limit of 1,024. */
const maxOpen = 64
/** Between two steps a file may be replaced, but hardly each time. */
const maxTries = 10

/**
 * Files that were read lately stay open for whoever reads them next: to open and close one costs more
 * than to read a small one. What was removed, replaced, moved or written to meanwhile, by whatever
 * process, is noticed.
 */
export class OpenFiles {
  readonly #onError: OnError
  readonly #files = new LRUCache<string, OpenFile>({
    max: maxOpen,
    dispose: (file) => file.retire(),
  })
  readonly #closing = new Set<Promise<void>>()

  /** `onError` hears of a file that can't be closed. */
  constructor(onError: OnError) {
    this.#onError = onError
  }

  /** Undefined if there is none. The caller closes the reader. */
  async open(path: string): Promise<BlobReader | undefined> {
    return (await this.#reopen(path)) ?? this.#openNew(path)
  }

  /** The next one opens it anew; who reads it already reads on. */
  forget(path: string): void {
    this.#files.delete(path)
  }

  /** Every reader must be closed. */
  async close(): Promise<void> {
    this.#files.clear()
    await Promise.all(this.#closing)
  }

  async #reopen(path: string): Promise<BlobReader | undefined> {
    const file = this.#files.get(path)
    if (!file) return undefined
    const reader = await file.open()
    if (!reader) this.#files.delete(path)
    return reader
  }

  async #openNew(path: string): Promise<BlobReader | undefined> {
    for (let tries = 0; tries < maxTries; tries++) {
      const found = await this.#tryToOpen(path)
      if (found !== 'replaced') return found
    }
    throw new Error('the file is replaced again and again')
  }

  /** 'replaced': another lies there by now, or none. */
  async #tryToOpen(path: string): Promise<BlobReader | 'replaced' | undefined> {
    const handle = await unlessMissing(open(path, 'r'))
    if (!handle) return undefined
    const file = new OpenFile(handle, () => this.#close(handle))
    let reader: BlobReader | undefined
    try {
      reader = await this.#openIfAt(path, file)
      return reader ?? 'replaced'
    } finally {
      // Unless another is there already, or it is gone again.
      if (reader && !this.#files.has(path)) this.#files.set(path, file)
      else file.retire()
    }
  }

  /** Moved away before its times were known, it would be taken for what lies there for ever. */
  async #openIfAt(path: string, file: OpenFile): Promise<BlobReader | undefined> {
    const reader = await file.open()
    if (!reader || (await file.isAt(path))) return reader
    await reader.close()
    return undefined
  }

  #close(handle: FileHandle): void {
    const closing = handle
      .close()
      .catch((error) => this.#onError(error, "a file couldn't be closed"))
      .finally(() => this.#closing.delete(closing))
    this.#closing.add(closing)
  }
}

/** One open file, closed when it is retired and nobody reads it any more. */
class OpenFile {
  readonly #handle: FileHandle
  readonly #onUnused: () => void
  #readers = 0
  #isRetired = false
  /** When it was last written to, renamed, linked or the like; undefined until it is first looked at. */
  #changedMs: number | undefined
  #inode: number | undefined

  constructor(handle: FileHandle, onUnused: () => void) {
    this.#handle = handle
    this.#onUnused = onUnused
  }

  /**
   * Undefined if the file has been removed, under whatever names it had, or changed in any way since it
   * was opened: it may lie elsewhere by now, or have other bytes.
   */
  async open(): Promise<BlobReader | undefined> {
    this.#readers++
    let isOpen = true
    const close = async () => {
      if (isOpen) this.#leave()
      isOpen = false
    }
    try {
      const { size, nlink, ctimeMs, ino } = await this.#handle.stat()
      this.#changedMs ??= ctimeMs
      this.#inode ??= ino
      const isSame = nlink > 0 && ctimeMs === this.#changedMs
      if (isSame) return { sizeBytes: size, read: (...where) => this.#read(...where), close }
      await close()
      return undefined
    } catch (error) {
      await close()
      throw error
    }
  }

  /** Whether the path leads to it, as it was when it was first opened. */
  async isAt(path: string): Promise<boolean> {
    const found = await unlessMissing(stat(path))
    return found?.ino === this.#inode && found?.ctimeMs === this.#changedMs
  }

  retire(): void {
    this.#isRetired = true
    if (this.#readers === 0) this.#onUnused()
  }

  async #read(buffer: Uint8Array, position: number): Promise<number> {
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, position)
    return bytesRead
  }

  #leave(): void {
    this.#readers--
    if (this.#isRetired && this.#readers === 0) this.#onUnused()
  }
}
