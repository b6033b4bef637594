import { setTimeout as delay } from 'node:timers/promises'
import type { UpstreamName } from '../oci/upstream-name.ts'
import type { BlobAnswer, BlobPart } from './blob-answer.ts'
import { jittered } from './jitter.ts'
import { UpstreamError } from './upstream-error.ts'

/** The bytes of a blob, or of a part of it, over as many connections as it takes. */
export type BlobTransfer = {
  /** Of the whole blob; undefined where upstream doesn't say. */
  readonly sizeBytes: number | undefined
  /** Whether upstream serves parts: if not, what comes before the part is fetched too, and dropped. */
  readonly isRanged: boolean
  /** From the first byte that was asked for on; throws UpstreamError where it can't go on. */
  readonly chunks: AsyncIterable<Uint8Array>
  /** Ends the transfer, if it hasn't ended; the caller always calls it. */
  destroy(): void
}

export type Opening = {
  /** 0 means the first URL, 1 the next, and so on round. */
  readonly turn: number
  /** Of the whole, if it is known: an answer that says otherwise is about another object. */
  readonly sizeBytes: number | undefined
  /** Whether some of it has come already, so that upstream had it a moment ago. */
  readonly isKnown: boolean
  /** Whether it is fetched ahead of whoever reads: nothing depends on it. */
  readonly isAhead: boolean
  /** Whether it is the next piece of what is brought to its end also when the mirror goes offline. */
  readonly isPromised: boolean
  readonly signal: AbortSignal
}

/** What is known from other connections of the transfer that a part belongs to. */
export type Rest = {
  /** Of the whole. */
  readonly sizeBytes: number
  readonly isAhead: boolean
}

type Settings = {
  readonly upstream: UpstreamName
  /** Opens one connection. */
  readonly open: (part: BlobPart, opening: Opening) => Promise<BlobAnswer>
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

/** Fewer bytes than this between two breaks is getting nowhere. */
const worthwhileBytes = 64 * 1024
/**
 * Who waits for the very beginning waits for an answer, and is told rather than kept waiting; and an
 * upstream that answers with something else each time isn't going to send the rest.
 */
const fewTries = 3
const pausesMs = [100, 500, 1_000, 2_000, 5_000] as const
const longestPauseMs = 5_000

/**
 * Resolves when upstream has answered. A connection that breaks or stalls is followed by another,
 * with a Range from where it was: at the same URL first, then at the next. Throws UpstreamError.
 */
export async function openTransfer(settings: Settings): Promise<BlobTransfer> {
  const transfer = new Transfer(settings)
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
  const transfer = new Transfer(settings)
  const { sizeBytes } = settings.rest
  const chunks = transfer.chunks()
  return { sizeBytes, isRanged: true, chunks, destroy: () => transfer.destroy() }
}

class Transfer {
  readonly #settings: Settings
  readonly #ending = new AbortController()
  readonly #end = () => this.destroy()
  /** Of the next byte. */
  #position: number
  #sizeBytes: number | undefined
  #answer: BlobAnswer | undefined
  #turn: number
  /** Since it last got anywhere: how often it broke, where and when that was. */
  #breaks = 0
  #markPosition: number
  #markAt: number

  constructor(settings: Settings) {
    this.#settings = settings
    this.#turn = settings.turn
    this.#sizeBytes = settings.rest?.sizeBytes
    this.#position = settings.part.start
    this.#markPosition = settings.part.start
    this.#markAt = settings.elapsedMs()
    if (settings.signal.aborted) this.#ending.abort()
    settings.signal.addEventListener('abort', this.#end, { once: true })
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
        isPromised: rest !== undefined && !isAhead && this.#breaks === 0,
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
        if (wasOpen && this.#breaks > 1) this.#turn++
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
    const { elapsedMs, patienceMs, part, rest } = this.#settings
    if (this.#position - this.#markPosition >= worthwhileBytes) this.#mark()
    this.#breaks++
    const isContinued = rest !== undefined && !rest.isAhead
    const isBeginning = !isContinued && this.#position - part.start < worthwhileBytes
    const isHopeful = error.kind === 'unavailable' || error.kind === 'limited'
    if ((isBeginning || !isHopeful) && this.#breaks >= fewTries) throw error
    const pauseMs = this.#pauseMs(error)
    if (elapsedMs() + pauseMs - this.#markAt > patienceMs) throw error
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

  #mark(): void {
    this.#breaks = 0
    this.#markPosition = this.#position
    this.#markAt = this.#settings.elapsedMs()
  }

  /** As long as upstream said, else longer each time. */
  #pauseMs({ retryAfterSeconds }: UpstreamError): number {
    const pauseMs = jittered(pausesMs[this.#breaks - 1] ?? longestPauseMs)
    return Math.max(pauseMs, (retryAfterSeconds ?? 0) * 1000)
  }

  #cutShort(): UpstreamError {
    const what = `sent only ${this.#position} of ${this.#sizeBytes} bytes`
    return new UpstreamError(this.#settings.upstream, 'invalid', what)
  }
}
