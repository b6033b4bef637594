import type { BlobProgress } from './blob-progress.ts'
import type { KnownCount } from './learned-count.ts'
import { SurplusWatch } from './surplus-watch.ts'

type Settings = {
  /** At most so many. */
  readonly most: number
  /** What blobs before this one found out. */
  readonly known: KnownCount | undefined
  readonly onLearned: (known: KnownCount) => void
}

/** A blob of which less is to come isn't worth more than one connection. */
export const worthwhileBytes = 32 * 1024 * 1024
/** Nor is a rest that doesn't take as long, at the blob's own rate. */
const worthwhileMs = 2_000
/** A new connection begins slowly (TCP), so that it is measured only after a while. */
const settlesMs = 300
/** How long is measured before there can be a yes; a no takes three times as long. */
const measuredMs = 400
const mostMeasurements = 3
/** What is added must bring this share of what as many of those before bring: half, but for noise. */
const rewardShare = 0.4
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
  #wanted: number
  /** Whether no more are tried. */
  #isSettled: boolean
  #phase: 'opening' | 'settling' | 'measuring' = 'opening'
  #since: BlobProgress | undefined
  #measurements = 0
  /** Connections that are on trial, and the sum in bytes a second before they were added. */
  #trial: { readonly added: number; readonly before: number } | undefined
  /** So many didn't pay. */
  #tooMany: number | undefined
  /** Of this blob alone. */
  #bytesPerSecond: number | undefined

  constructor(settings: Settings) {
    const { known, most } = settings
    this.#settings = settings
    this.#wanted = Math.min(most, known?.connections ?? 1)
    this.#isSettled = this.#wanted === most || (known?.isFinal ?? false)
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
    const since = this.#since ?? progress
    this.#since ??= progress
    if (this.#surplus.observe(progress, this.#wanted)) this.#settle(this.#wanted - 1)
    const elapsedMs = progress.atMs - since.atMs
    const phase = this.#phase
    if (progress.blobs !== since.blobs) this.#beginAnew(progress)
    else if (phase === 'opening') {
      if (progress.flowing >= this.#wanted) this.#enter('settling', progress)
    } else if (progress.isDisturbed) this.#enter('settling', progress)
    else if (phase === 'settling') {
      if (elapsedMs >= settlesMs) this.#enter('measuring', progress)
    } else if (elapsedMs >= measuredMs * (this.#measurements + 1)) this.#decide(since, progress)
  }

  /** Upstream has refused a connection, or what came on it was of no use: one is enough from now on. */
  refuse(): void {
    this.stop()
    this.#settings.onLearned({ connections: 1, isFinal: true })
  }

  /** One is enough from now on, for reasons that say nothing about upstream. */
  stop(): void {
    this.#settle(1)
  }

  /** With another blob beside this one, or one less, nothing that was measured can be compared. */
  #beginAnew(progress: BlobProgress): void {
    this.#wanted -= this.#trial?.added ?? 0
    this.#trial = undefined
    this.#enter('opening', progress)
  }

  #enter(phase: 'opening' | 'settling' | 'measuring', progress: BlobProgress): void {
    this.#phase = phase
    this.#since = progress
    this.#measurements = 0
  }

  #decide(since: BlobProgress, progress: BlobProgress): void {
    const elapsedMs = progress.atMs - since.atMs
    const rate = ((progress.receivedBytes - since.receivedBytes) * 1000) / elapsedMs
    const ownRate = ((progress.ownBytes - since.ownBytes) * 1000) / elapsedMs
    this.#bytesPerSecond = ownRate
    this.#measurements++
    const before = this.#judge(rate)
    if (before === undefined) return
    const isWaiting = (progress.waitedMs - since.waitedMs) / elapsedMs >= waitingShare
    const isIdle = (progress.idleMs - since.idleMs) / elapsedMs >= idleShare
    const isWorthIt = (progress.remainingBytes / ownRate) * 1000 > worthwhileMs
    if (!this.#isSettled && isWorthIt && isWaiting && isIdle) this.#tryMore(before)
    else if (this.#measurements >= mostMeasurements) this.#enter('measuring', progress)
  }

  /**
   * What doesn't pay is taken back. Gives the sum that the next trial is held against; undefined
   * where it is too early to say.
   */
  #judge(rate: number): number | undefined {
    if (!this.#trial) return rate
    const { added, before } = this.#trial
    const fewer = this.#wanted - added
    const pays = rate >= before * (1 + (rewardShare * added) / fewer)
    if (!pays && this.#measurements < mostMeasurements) return undefined
    this.#trial = undefined
    if (!pays) {
      this.#tooMany = this.#wanted
      this.#wanted = fewer
    }
    const { most, onLearned } = this.#settings
    this.#isSettled = this.#wanted === most || this.#wanted + 1 === this.#tooMany
    onLearned({ connections: this.#wanted, isFinal: this.#isSettled })
    return pays ? rate : before
  }

  /** One more to see whether that helps at all, then three times as many until that was too many. */
  #tryMore(before: number): void {
    const room = this.#settings.most - this.#wanted
    const isBold = this.#wanted > 1 && this.#tooMany === undefined
    const added = isBold ? Math.min(2 * this.#wanted, room) : 1
    this.#trial = { added, before }
    this.#wanted += added
    this.#phase = 'opening'
  }

  #settle(connections: number): void {
    this.#wanted = connections
    this.#isSettled = true
    this.#trial = undefined
  }
}
