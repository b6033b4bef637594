import type { BlobProgress } from './blob-progress.ts'
import type { KnownCount } from './learned-count.ts'
import { Measurement } from './measurement.ts'
import { pays, type Rates, ratesBetween } from './rates.ts'
import { SurplusWatch } from './surplus-watch.ts'

type Settings = {
  /** At most so many. */
  readonly most: number
  /** What other blobs have found out by now. */
  readonly findKnown: () => KnownCount | undefined
  readonly onLearned: (known: KnownCount) => void
}

/** A blob of which less is to come when it begins isn't worth more than one connection. */
export const worthwhileBytes = 32 * 1024 * 1024
/** Nor is a rest that doesn't take as long, at the blob's own rate. */
const worthwhileMs = 2_000
/** A reader that spends less of its time waiting for upstream couldn't take much more. */
const waitingShare = 0.25
/** And a thread that has less of it left is itself what limits the transfer. */
const idleShare = 0.3

/**
 * How many connections a blob should have: one more, then three times as many for as long as the sum
 * of what is received grows with them, then one more at a time. It begins with one, or with what is
 * known of the upstream.
 */
export class ConnectionCount {
  readonly #settings: Settings
  readonly #surplus = new SurplusWatch()
  readonly #measurement = new Measurement()
  #wanted = 1
  /** Whether no more are tried. */
  #isSettled = false
  /** Connections that are on trial, and what came before they were added. */
  #trial: { readonly added: number; readonly before: Rates } | undefined
  /** So many didn't pay. */
  #tooMany: number | undefined
  /** Of this blob alone. */
  #bytesPerSecond: number | undefined

  constructor(settings: Settings) {
    this.#settings = settings
    this.#adopt(settings.findKnown() ?? { connections: 1, isFinal: false })
  }

  get wanted(): number {
    return this.#wanted
  }

  /** At which this blob came at the last measurement. */
  get bytesPerSecond(): number | undefined {
    return this.#bytesPerSecond
  }

  /** Takes in how it is doing, as often as anything has come. */
  observe(progress: BlobProgress): void {
    if (this.#surplus.observe(progress, this.#wanted)) this.#settle(this.#wanted - 1)
    const { blobs = progress.blobs } = this.#measurement
    if (blobs !== progress.blobs) this.#beginAnew(progress)
    const since = this.#measurement.observe(progress, this.#wanted)
    if (since) this.#decide(since, progress)
  }

  /** Upstream has refused a connection, or what came on it was of no use: one is enough from now on. */
  refuse(): void {
    this.stop()
    this.#settings.onLearned({ connections: 1, isFinal: true })
  }

  /**
   * Others can't have as many as they want: what this one wins, another loses, and a trial says nothing.
   * It takes part in the sharing as one that wants the most, until there is another blob or one less.
   */
  contend(): void {
    if (!this.#trial) return
    const { added } = this.#trial
    const rise = this.#settings.most - this.#wanted
    this.#trial = { ...this.#trial, added: added + rise }
    this.#wanted += rise
    this.#measurement.reopen()
  }

  /** One is enough from now on, for reasons that say nothing about upstream. */
  stop(): void {
    this.#settle(1)
  }

  /** With another blob beside this one, or one less, nothing that was measured can be compared. */
  #beginAnew(progress: BlobProgress): void {
    this.#wanted -= this.#trial?.added ?? 0
    this.#trial = undefined
    this.#measurement.beginAnew(progress)
  }

  #decide(since: BlobProgress, progress: BlobProgress): void {
    const elapsedMs = progress.atMs - since.atMs
    const rates = ratesBetween(since, progress)
    this.#bytesPerSecond = rates.own
    const before = this.#judge(rates, progress.blobs > 1)
    if (before === undefined) return
    const isWaiting = (progress.waitedMs - since.waitedMs) / elapsedMs >= waitingShare
    const isIdle = (progress.idleMs - since.idleMs) / elapsedMs >= idleShare
    const isWorthIt = (progress.remainingBytes / rates.own) * 1000 > worthwhileMs
    if (!this.#isSettled && isWorthIt && isWaiting && isIdle) this.#takeMore(before)
    else if (this.#measurement.isLong) this.#measurement.goOn(progress)
  }

  /**
   * What doesn't pay is taken back. Gives the rates that the next trial is held against; undefined
   * where it is too early to say.
   */
  #judge(rates: Rates, isBesideOthers: boolean): Rates | undefined {
    if (!this.#trial) return rates
    const { added, before } = this.#trial
    const fewer = this.#wanted - added
    const hasPaid = pays({ added, beside: fewer }, before, rates)
    if (!hasPaid && !this.#measurement.isLong) return undefined
    this.#trial = undefined
    if (!hasPaid) {
      this.#tooMany = this.#wanted
      this.#wanted = fewer
    }
    const { most } = this.#settings
    this.#isSettled = this.#wanted === most || this.#wanted + 1 === this.#tooMany
    if (hasPaid || !isBesideOthers || this.#isNews) this.#learn()
    return hasPaid ? rates : before
  }

  /** A no that is found beside others may be their doing: it doesn't outweigh what is known. */
  get #isNews(): boolean {
    const known = this.#settings.findKnown()
    return known === undefined || known.connections <= this.#wanted
  }

  #learn(): void {
    this.#settings.onLearned({ connections: this.#wanted, isFinal: this.#isSettled })
  }

  /** As many as others have found out meanwhile, if it hasn't found otherwise; else it tries. */
  #takeMore(before: Rates): void {
    const known = this.#settings.findKnown()
    const most = (this.#tooMany ?? Number.POSITIVE_INFINITY) - 1
    const isMore = known && known.connections > this.#wanted && known.connections <= most
    if (isMore) this.#adopt(known)
    else this.#tryMore(before)
    this.#measurement.reopen()
  }

  #adopt({ connections, isFinal }: KnownCount): void {
    const { most } = this.#settings
    this.#wanted = Math.min(most, connections)
    this.#isSettled = isFinal || this.#wanted === most
  }

  /** One more to see whether that helps at all, then three times as many until that was too many. */
  #tryMore(before: Rates): void {
    const room = this.#settings.most - this.#wanted
    const isBold = this.#wanted > 1 && this.#tooMany === undefined
    const added = isBold ? Math.min(2 * this.#wanted, room) : 1
    this.#trial = { added, before }
    this.#wanted += added
  }

  #settle(connections: number): void {
    this.#wanted = connections
    this.#isSettled = true
    this.#trial = undefined
  }
}
