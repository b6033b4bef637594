import { type BufferRoom, pageBytes } from './buffer-room.ts'

type Page = Buffer<ArrayBuffer>

/**
 * The pages in which a blob's pieces are gathered. Those that its reader has got stay as they are
 * until it releases them.
 */
export class PiecePages {
  readonly #room: BufferRoom
  /** All of which the reader has got, in order, and where each ends in the blob. */
  readonly #lent: { readonly page: Page; readonly end: number }[] = []
  /** The reader needs nothing before it. */
  #releasedTo = 0

  constructor(room: BufferRoom) {
    this.#room = room
  }

  take(): Page {
    return this.#room.takePage()
  }

  /** For one that the reader hasn't seen. */
  give(page: Page): void {
    this.#room.givePage(page)
  }

  /** For one of which the reader has got all; it goes up to `end`. */
  lend(page: Page, end: number): void {
    if (end <= this.#releasedTo) this.#room.givePage(page)
    else this.#lent.push({ page, end })
  }

  /** The reader needs nothing before `position` any more. */
  release(position: number): void {
    this.#releasedTo = position
    for (;;) {
      const [first] = this.#lent
      if (!first || first.end > position) return
      this.#lent.shift()
      this.#room.givePage(first.page)
    }
  }
}

/** What has come of a piece and isn't read yet, in order. */
export class GatheredBytes {
  readonly #pages: PiecePages
  readonly #gathered: { readonly page: Page; length: number }[] = []
  /** Of the first page, by the reader. */
  #readBytes = 0
  /** Of the first byte that isn't read, in the blob. */
  #position: number

  constructor(pages: PiecePages, start: number) {
    this.#pages = pages
    this.#position = start
  }

  add(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const last = this.#findRoom()
      const taken = chunk.subarray(at, at + pageBytes - last.length)
      last.page.set(taken, last.length)
      last.length += taken.length
      at += taken.length
    }
  }

  /** All that lies in one page, as it lies there; undefined if there is nothing now. */
  read(): Uint8Array | undefined {
    const [first] = this.#gathered
    if (first?.length === pageBytes && this.#readBytes === pageBytes) {
      this.#lendFirst()
      return this.read()
    }
    if (!first || first.length === this.#readBytes) return undefined
    const bytes = first.page.subarray(this.#readBytes, first.length)
    this.#readBytes = first.length
    this.#position += bytes.length
    return bytes
  }

  /** Nothing more is added or read. A page that the reader knows only a part of may still be read there. */
  leave(): void {
    if (this.#readBytes > 0) this.#lendFirst()
    for (const { page } of this.#gathered.splice(0)) this.#pages.give(page)
  }

  #lendFirst(): void {
    const first = this.#gathered.shift()
    if (first) this.#pages.lend(first.page, this.#position)
    this.#readBytes = 0
  }

  #findRoom(): { readonly page: Page; length: number } {
    const last = this.#gathered.at(-1)
    if (last && last.length < pageBytes) return last
    const added = { page: this.#pages.take(), length: 0 }
    this.#gathered.push(added)
    return added
  }
}
