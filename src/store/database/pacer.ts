import { closeSync, fdatasyncSync, openSync } from 'node:fs'

/** Of a thread that writes a large file: has the disk write as it goes, and rests as long as it worked. */
export class Pacer {
  readonly #file: string
  #handle: number | undefined
  #beganAt = performance.now()

  constructor(file: string) {
    this.#file = file
  }

  /** What is written is on the disk by then. */
  rest(): void {
    this.#handle ??= openSync(this.#file, 'r')
    fdatasyncSync(this.#handle)
    const workedMs = performance.now() - this.#beganAt
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, workedMs)
    this.#beganAt = performance.now()
  }

  /** Not earlier: it would end the locks that SQLite has on the file. */
  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle)
  }
}
