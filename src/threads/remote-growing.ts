import type { BlobReader, BlobSource, WrittenPlace } from '../store/blob-store.ts'
import type { Calls } from './calls.ts'
import type { MainCalls } from './main-calls.ts'

type Settings = {
  readonly calls: Calls<MainCalls>
  readonly blobs: BlobSource
  readonly readerId: number
  readonly place: WrittenPlace
}

/** So far behind what has arrived nothing lies in memory any more. */
const farBehindBytes = 4 * 1024 * 1024

/**
 * Reads a blob that arrives in the main thread: its last bytes from the memory of that thread, what
 * lies further back from the file. The main thread says how far it may be read.
 */
export class RemoteGrowing implements BlobReader {
  readonly #settings: Settings
  readonly #remote: BlobReader
  #availableBytes = 0
  #file: Promise<BlobReader | undefined> | undefined

  /** `remote` reads all of it by the main thread. */
  constructor(settings: Settings, remote: BlobReader) {
    this.#settings = settings
    this.#remote = remote
  }

  get sizeBytes(): number {
    return this.#remote.sizeBytes
  }

  async view(position: number): Promise<Buffer<SharedArrayBuffer> | undefined> {
    if (position + farBehindBytes < this.#availableBytes) return undefined
    const { calls, readerId } = this.#settings
    const { availableBytes, memory } = await calls.call('view', readerId, position)
    this.#availableBytes = availableBytes
    return memory && Buffer.from(memory.buffer, memory.offset, memory.length)
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    const length = Math.min(buffer.length, this.#availableBytes - position)
    const count = length > 0 ? await this.#readFile(buffer.subarray(0, length), position) : 0
    return count > 0 ? count : this.#remote.read(buffer, position)
  }

  async close(): Promise<void> {
    const file = await this.#file
    await Promise.all([file?.close(), this.#remote.close()])
  }

  /** 0 where it can't be read here: the main thread has its own way to it, or to saying why not. */
  async #readFile(buffer: Uint8Array, position: number): Promise<number> {
    const { blobs, place } = this.#settings
    this.#file ??= blobs.openWritten(place).catch(() => undefined)
    const file = await this.#file
    return (await file?.read(buffer, position).catch(() => 0)) ?? 0
  }
}
