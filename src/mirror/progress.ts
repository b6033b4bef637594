/** Whoever waits is told so often, or as soon as so much has come: a hundred clients each take the same way for a byte as for many. */
const tellEveryMs = 40
const tellEveryBytes = 1024 * 1024

/** Tells those who wait that there is more. */
export class Progress {
  #next = Promise.withResolvers<void>()
  #untoldBytes = 0
  #toldAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined

  /** Resolves at the next telling. */
  get next(): Promise<void> {
    return this.#next.promise
  }

  /** So many bytes more can be read. */
  add(bytes: number): void {
    this.#untoldBytes += bytes
    const leftMs = this.#toldAt + tellEveryMs - performance.now()
    if (leftMs <= 0 || this.#untoldBytes >= tellEveryBytes) this.tell()
    else this.#timer ??= setTimeout(() => this.tell(), leftMs)
  }

  /** Something has changed that nobody should wait to hear of. */
  tell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#untoldBytes = 0
    this.#toldAt = performance.now()
    this.#next.resolve()
    this.#next = Promise.withResolvers()
  }
}
