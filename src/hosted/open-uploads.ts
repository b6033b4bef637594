import { LRUCache } from 'lru-cache'
import type { Upload, UploadStore } from '../store/upload-store.ts'

type Settings = {
  readonly uploads: UploadStore
  /** Hears of an upload that couldn't be closed. */
  readonly onError: (error: unknown, what: string) => void
}

/** Between two requests of an upload its file stays open for so long, and of so many: what it hashed is lost then. */
const idleMs = 5 * 60_000
const maxIdle = 64

/** The uploads of this process: each is one request's at a time. */
export class OpenUploads {
  readonly #settings: Settings
  readonly #busy = new Set<string>()
  readonly #closing = new Map<string, Promise<void>>()
  readonly #idle = new LRUCache<string, Upload>({
    max: maxIdle,
    ttl: idleMs,
    ttlAutopurge: true,
    dispose: (upload, id, reason) => {
      if (reason !== 'delete') this.#close(id, upload)
    },
  })

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Begins an upload; it is the caller's until `give`. */
  async begin(id: string): Promise<Upload> {
    return this.#own(id, () => this.#settings.uploads.create(id))
  }

  /** Undefined if there is none, 'busy' while another request has it; it is the caller's until `give`. */
  async take(id: string): Promise<Upload | 'busy' | undefined> {
    if (this.#busy.has(id)) return 'busy'
    return this.#own(id, async () => {
      await this.#closing.get(id)
      const idle = this.#idle.get(id)
      this.#idle.delete(id)
      return idle ?? (await this.#settings.uploads.resume(id))
    })
  }

  /** How many bytes it has; undefined if there is none. */
  async find(id: string): Promise<number | undefined> {
    return this.#idle.peek(id)?.writtenBytes ?? (await this.#settings.uploads.find(id))
  }

  /** Takes back what was written to one that nobody goes on with; no error if there is none. */
  async discard(id: string): Promise<void> {
    if (this.#busy.has(id)) return
    this.#busy.add(id)
    try {
      await this.#closing.get(id)
      const idle = this.#idle.get(id)
      this.#idle.delete(id)
      await idle?.close()
      await this.#settings.uploads.remove(id)
    } finally {
      this.#busy.delete(id)
    }
  }

  /** For whoever comes next. */
  give(id: string, upload: Upload): void {
    this.#busy.delete(id)
    this.#idle.set(id, upload)
  }

  /** It has come to its end. */
  async end(id: string, upload: Upload): Promise<void> {
    await upload.close().finally(() => this.#busy.delete(id))
  }

  /** Every upload must have been given back. */
  async close(): Promise<void> {
    for (const [id, upload] of this.#idle.entries()) this.#close(id, upload)
    this.#idle.forEach((_, id) => {
      this.#idle.delete(id)
    })
    await Promise.all(this.#closing.values())
  }

  async #own<T extends Upload | undefined>(id: string, open: () => Promise<T>): Promise<T> {
    this.#busy.add(id)
    let upload: T | undefined
    try {
      upload = await open()
      return upload
    } finally {
      if (!upload) this.#busy.delete(id)
    }
  }

  #close(id: string, upload: Upload): void {
    const { onError } = this.#settings
    const closing = upload
      .close()
      .catch((error) => onError(error, "an upload couldn't be closed"))
      .finally(() => this.#closing.delete(id))
    this.#closing.set(id, closing)
  }
}
