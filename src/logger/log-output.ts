import { writeSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { openDescriptorWriter, type Unwritten } from './descriptor-writer.ts'

/** Lines are gathered up to so many bytes, or for so long: a write each would cost a busy server a third of its time. */
export const gatherBytes = 8 * 1024
export const gatherMs = 100
/** What waits for a reader that hangs; a line has hardly any but ASCII characters, so they count as bytes. */
const mostWaitingBytes = 8 * 1024 * 1024
/** After a failure. */
const tryAgainMs = 1_000

const lineEnd = 0x0a
const noReader = 'nobody read what the server prints'

/**
 * Writes log lines to a file descriptor. Lines that can't be written, or not soon enough, are dropped and
 * counted; once a write succeeds again, one line made by `describeLoss` says so. When the other end of
 * a pipe is closed nothing is written any more.
 */
export class LogOutput {
  readonly #descriptor: number
  readonly #writer: ReturnType<typeof openDescriptorWriter>
  readonly #describeLoss: (lines: number, why: string) => string
  readonly #flushAtExit = () => this.#writeAtOnce()
  #gathered = ''
  /** What is being written now. */
  #writing = ''
  #lostLines = 0
  /** Why lines are dropped, while they are. */
  #fault: string | undefined
  #isGone = false
  #isClosing = false
  /** Whether what was written last ends in the middle of a line. */
  #isTorn = false
  #timer: NodeJS.Timeout | undefined
  #run: Promise<void> | undefined

  constructor(descriptor: number, describeLoss: (lines: number, why: string) => string) {
    this.#descriptor = descriptor
    this.#writer = openDescriptorWriter(descriptor)
    this.#describeLoss = describeLoss
    process.once('exit', this.#flushAtExit)
  }

  /** Takes whole lines. */
  write(lines: string): void {
    if (this.#isGone) return
    const waiting = this.#writing.length + this.#gathered.length
    if (waiting + lines.length > mostWaitingBytes) this.#fault ??= noReader
    if (this.#fault !== undefined) {
      this.#lostLines += countLines(lines)
      // Also where nothing is being written: the loss is to be told, and then lines are taken again.
      void this.#start()
      return
    }
    this.#gathered += lines
    if (this.#gathered.length >= gatherBytes) void this.#start()
    else this.#startLater()
  }

  /** Writes what is gathered, for `patienceMs` at most; nothing may be written afterwards. */
  async close(patienceMs: number): Promise<void> {
    this.#isClosing = true
    const patience = Promise.withResolvers<void>()
    const timer = setTimeout(patience.resolve, patienceMs)
    await Promise.race([this.#writeRest(), patience.promise])
    clearTimeout(timer)
    this.#isGone = true
    this.#writer.abandon()
    process.off('exit', this.#flushAtExit)
  }

  /** A write that was under way may not have seen what came last. */
  async #writeRest(): Promise<void> {
    do await this.#start()
    while (this.#gathered !== '' && !this.#isGone)
  }

  #start(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#run ??= this.#writeGathered().finally(() => {
      this.#run = undefined
      if (this.#gathered !== '') this.#startLater()
    })
    return this.#run
  }

  #startLater(): void {
    this.#timer ??= setTimeout(() => void this.#start(), gatherMs).unref()
  }

  async #writeGathered(): Promise<void> {
    do {
      // Lost lines came after all that is still gathered.
      const [lines, standsFor] = this.#gathered === '' ? this.#takeLoss() : this.#takeGathered()
      this.#writing = lines
      const bytes = Buffer.from(lines)
      const unwritten = await this.#writer.write(bytes)
      this.#writing = ''
      if (unwritten) {
        this.#lose(bytes, unwritten, standsFor)
        if (unwritten.isFinal) return
        await delay(tryAgainMs, undefined, { ref: false })
      } else this.#isTorn = false
    } while (this.#isDue())
  }

  #isDue(): boolean {
    if (this.#lostLines > 0 || this.#gathered.length >= gatherBytes) return true
    return this.#isClosing && this.#gathered !== ''
  }

  #takeGathered(): [lines: string, standsFor: number] {
    const lines = this.#gathered
    this.#gathered = ''
    return [lines, 0]
  }

  /** What is written from now on comes after the line about the loss. */
  #takeLoss(): [lines: string, standsFor: number] {
    const lost = this.#lostLines
    if (lost === 0) return ['', 0]
    const line = this.#describeLoss(lost, this.#fault ?? '')
    this.#lostLines = 0
    this.#fault = undefined
    return [this.#isTorn ? `\n${line}` : line, lost]
  }

  #lose(bytes: Buffer, { writtenBytes, error, isFinal }: Unwritten, standsFor: number): void {
    if (isFinal) this.#isGone = true
    const rest = standsFor > 0 ? standsFor : countLines(bytes.toString('utf8', writtenBytes))
    if (writtenBytes > 0) this.#isTorn = bytes[writtenBytes - 1] !== lineEnd
    this.#lostLines += rest + countLines(this.#gathered)
    this.#gathered = ''
    this.#fault = error.message
  }

  /**
   * For an error that nobody caught: what a pipe doesn't take at once is lost. A write that is under
   * way may stop anywhere, so that a line of its own begins here.
   */
  #writeAtOnce(): void {
    if (this.#gathered === '') return
    try {
      writeSync(this.#descriptor, this.#writing === '' ? this.#gathered : `\n${this.#gathered}`)
    } catch {
      // There is nowhere left to say so.
    }
  }
}

function countLines(lines: string): number {
  let count = 0
  for (let at = lines.indexOf('\n'); at >= 0; at = lines.indexOf('\n', at + 1)) count++
  return count
}
