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

  end(): void {
    clearInterval(this.#timer)
    if (this.#output.isTTY) this.#output.write(eraseLine)
  }

  #show(): void {
    const seconds = (performance.now() - this.#startedAt) / 1000
    const total = Math.max(this.#totalBytes, this.#bytes)
    const share = total === 0 ? 100 : Math.floor((this.#bytes / total) * 100)
    const rate = formatBytes(this.#bytes / seconds)
    const text = `read ${formatBytes(this.#bytes)} of ${formatBytes(total)}, ${share} %, ${rate}/s`
    this.#output.write(this.#output.isTTY ? `${eraseLine}${text}` : `${text}\n`)
  }
}

/** Back to its beginning, and nothing behind it. */
const eraseLine = '\r\u001b[K'
