import { formatBytes } from '../config/units.ts'

const onTerminalEveryMs = 500
const elsewhereEveryMs = 30_000

/** How far reading has come: one line that changes on a terminal, a line now and then elsewhere. */
export class VerifyProgress {
  readonly #output: NodeJS.WriteStream
  readonly #totalBytes: number
  readonly #timer: NodeJS.Timeout
  readonly #startedAt = performance.now()
  #bytes = 0

  /** `totalBytes`: as far as one knows. */
  constructor(output: NodeJS.WriteStream, totalBytes: number) {
    this.#output = output
    this.#totalBytes = totalBytes
    const everyMs = output.isTTY ? onTerminalEveryMs : elsewhereEveryMs
    this.#timer = setInterval(() => this.#show(), everyMs).unref()
  }

  add(bytes: number): void {
    this.#bytes += bytes
  }

  /** Before something else is written to the terminal. */
  clear(): void {
    if (this.#output.isTTY) this.#output.write(eraseLine)
  }

  end(): void {
    clearInterval(this.#timer)
    this.clear()
  }

  #show(): void {
    const seconds = (performance.now() - this.#startedAt) / 1000
    const rate = formatBytes(Math.round(this.#bytes / seconds))
    const text = `read ${formatBytes(this.#bytes)}${this.#describeTotal()}, ${rate}/s`
    this.#output.write(this.#output.isTTY ? `${eraseLine}${text}` : `${text}\n`)
  }

  /** Nothing where more was read than is known of, as after the database was lost. */
  #describeTotal(): string {
    const [read, total] = [this.#bytes, this.#totalBytes]
    if (read >= total) return ''
    return ` of ${formatBytes(total)}, ${Math.floor((read / total) * 100)} %`
  }
}

/** Back to its beginning, and nothing behind it. */
const eraseLine = '\r\u001b[K'
