import { setTimeout as delay } from 'node:timers/promises'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { BlobAnswer, BlobPart } from './blob-answer.ts'
import type { BlobTransfer, OpenConnection, Rest } from './blob-transfer.ts'
import { Perseverance } from './perseverance.ts'
import { UpstreamError } from './upstream-error.ts'

type Settings = {
  readonly upstream: UpstreamName
  readonly open: OpenConnection
  readonly part: BlobPart
  /** Where what comes before the part came, or comes, on other connections. */
  readonly rest?: Rest
  /** At which URL to begin. */
  readonly turn: number
  /** For so long it goes on without getting anywhere. */
  readonly patienceMs: number
  readonly elapsedMs: () => number
  readonly signal: AbortSignal
  /** Called when it has ended, perhaps more than once. */
  readonly onEnd: () => void
}

/**
 * Resolves when upstream has answered. A connection that breaks or stalls is followed by another,
 * with a Range from where it was: at the same URL first, then at the next. Throws UpstreamError.
 */
export async function openTransfer(settings: Settings): Promise<BlobTransfer> {
  const transfer = new ResumingTransfer(settings)
  try {
    const { sizeBytes, isPart } = await transfer.open()
    const isWhole = settings.part.start === 0 && settings.part.end === undefined
    const isRanged = isWhole || isPart
    const chunks = transfer.chunks()
    return { sizeBytes, isRanged, chunks, destroy: () => transfer.destroy() }
  } catch (error) {
    transfer.destroy()
    throw error
  }
}

/** Goes on with a transfer of which the beginning has come on other connections: asks when it is read. */
export function continueTransfer(settings: Settings & { readonly rest: Rest }): BlobTransfer {
  const transfer = new ResumingTransfer(settings)
  const { sizeBytes } = settings.rest
  const chunks = transfer.chunks()
  return { sizeBytes, isRanged: true, chunks, destroy: () => transfer.destroy() }
}

/** Of its connections, one after the other, each begins where the one before it broke. */
class ResumingTransfer {
  readonly #settings: Settings
  readonly #ending = new AbortController()
  readonly #end = () => this.destroy()
  /** Of the next byte. */
  #position: number
  #sizeBytes: number | undefined
  #answer: BlobAnswer | undefined
  #turn: number
  readonly #perseverance: Perseverance

  constructor(settings: Settings) {
    const { part, rest, turn, signal, patienceMs, elapsedMs } = settings
    const { start } = part
    const isContinued = rest !== undefined && !rest.isAhead
    this.#settings = settings
    this.#turn = turn
    this.#sizeBytes = rest?.sizeBytes
    this.#position = start
    this.#perseverance = new Perseverance({ start, isContinued, patienceMs, elapsedMs })
    if (signal.aborted) this.#ending.abort()
    signal.addEventListener('abort', this.#end, { once: true })
  }

  destroy(): void {
    const { signal, onEnd } = this.#settings
    signal.removeEventListener('abort', this.#end)
    this.#ending.abort()
    this.#answer?.destroy()
    onEnd()
  }

  async open(): Promise<BlobAnswer> {
    const { upstream, open, part, rest } = this.#settings
    const isAhead = rest?.isAhead ?? false
    // The last byte is asked for again: beyond the end of what is whole already there is no range.
    const isToTheEnd = part.end === undefined
    const start = isToTheEnd ? Math.max(0, this.#position - 1) : this.#position
    const answer = await open(
      { ...part, start },
      {
        turn: this.#turn,
        sizeBytes: this.#sizeBytes,
        isKnown: this.#hasCome,
        isAhead,
        isPromised: rest !== undefined && !isAhead && this.#perseverance.breaks === 0,
        signal: this.#ending.signal,
      },
    )
    if (isAhead && !answer.isPart) {
      answer.destroy()
      throw new UpstreamError(upstream, 'invalid', "doesn't serve parts of a blob")
    }
    this.#answer = answer
    this.#sizeBytes ??= answer.sizeBytes
    return answer
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      try {
        yield* this.#read(this.#answer ?? (await this.open()))
        if (this.#isComplete()) return
        throw this.#cutShort()
      } catch (error) {
        const wasOpen = this.#answer !== undefined
        this.#answer?.destroy()
        this.#answer = undefined
        if (this.#sizeBytes !== undefined && this.#isComplete()) return
        await this.#pauseAfter(error)
        // The same URL gets a second chance, then the next has its turn.
        if (wasOpen && this.#perseverance.breaks > 1) this.#turn++
      }
    }
  }

  async *#read(answer: BlobAnswer): AsyncGenerator<Uint8Array> {
    const { end = Number.POSITIVE_INFINITY } = this.#settings.part
    let at = answer.start
    for await (const chunk of answer.chunks) {
      const news = chunk.subarray(Math.max(0, this.#position - at), Math.max(0, end + 1 - at))
      at += chunk.length
      this.#position += news.length
      if (news.length > 0) yield news
      // Where upstream doesn't serve parts there is more behind.
      if (at > end + 1) return
    }
  }

  #isComplete(): boolean {
    const { end } = this.#settings.part
    if (end !== undefined) return this.#position > end
    return this.#sizeBytes === undefined || this.#position >= this.#sizeBytes
  }

  /** Throws the error where going on makes no sense, or no longer. */
  async #pauseAfter(error: unknown): Promise<void> {
    if (!(error instanceof UpstreamError) || !this.#mayGoOnAfter(error)) throw error
    const pauseMs = this.#perseverance.countBreak(error, this.#position)
    if (pauseMs === undefined) throw error
    await delay(pauseMs, undefined, { signal: this.#ending.signal }).catch(() => {
      throw error
    })
  }

  #mayGoOnAfter(error: UpstreamError): boolean {
    if (error.kind === 'offline' || this.#ending.signal.aborted) return false
    // Of what was there a moment ago a "no" is one URL's word; another may go on.
    return error.isTemporary || this.#hasCome
  }

  get #hasCome(): boolean {
    return this.#settings.rest !== undefined || this.#position > this.#settings.part.start
  }

  #cutShort(): UpstreamError {
    const what = `sent only ${this.#position} of ${this.#sizeBytes} bytes`
    return new UpstreamError(this.#settings.upstream, 'invalid', what)
  }
}
