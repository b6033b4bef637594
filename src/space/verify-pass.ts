import type { Stores } from '../store/open-stores.ts'
import type { VerifyRun } from '../store/verify-records.ts'
import type { RunningVerify } from './any-verification.ts'
import { type Finding, type Healed, isHealed } from './finding.ts'
import type { Healer } from './healer.ts'
import { Pace } from './pace.ts'
import { Verifier } from './verifier.ts'

/** Without an outcome, nothing was to be done about it. */
export type Found = Omit<Healed, 'outcome'> & { readonly outcome: Healed['outcome'] | undefined }

type Settings = {
  readonly stores: Pick<Stores, 'blobs' | 'integrity'>
  readonly now: () => number
  /** Undefined where nothing is to be put right. */
  readonly healer: Healer | undefined
  readonly onFound: (found: Found) => Promise<void>
}

/** In the process that also serves: pulls go on beside it. `entrepot verify` reads as fast as the disk. */
const bytesPerSecond = 100_000_000

/** One time through all that is kept. */
export class VerifyPass {
  readonly #settings: Settings
  readonly #stopping = new AbortController()
  readonly #startedAt: number
  readonly #counts = { files: 0, bytes: 0, totalBytes: 0, found: 0, healed: 0 }

  constructor(settings: Settings) {
    this.#settings = settings
    this.#startedAt = settings.now()
  }

  get progress(): RunningVerify {
    const isRepair = this.#settings.healer !== undefined
    return { startedAt: this.#startedAt, isRepair, ...this.#counts }
  }

  /** Ends it soon. */
  stop(): void {
    this.#stopping.abort()
  }

  /** Never rejects. */
  async run(): Promise<VerifyRun> {
    try {
      await this.#run()
      return this.#end('done', undefined)
    } catch (error) {
      if (this.#stopping.signal.aborted) return this.#end('stopped', undefined)
      return this.#end('failed', (error as Error).message)
    }
  }

  #end(state: VerifyRun['state'], error: string | undefined): VerifyRun {
    return { ...this.progress, endedAt: this.#settings.now(), state, error }
  }

  async #run(): Promise<void> {
    const { stores, now } = this.#settings
    const { signal } = this.#stopping
    const counts = this.#counts
    counts.totalBytes = (await stores.integrity.measureRecorded()).bytes
    const pace = new Pace(bytesPerSecond, signal)
    await new Verifier({
      stores,
      now,
      signal,
      onFinding: (finding) => this.#take(finding),
      onRead: () => {
        counts.files++
      },
      onPiece: async (bytes) => {
        await pace.pass(bytes)
        counts.bytes += bytes
      },
    }).run()
  }

  async #take(finding: Finding): Promise<void> {
    const { stores, healer, onFound } = this.#settings
    const isForeign = finding.kind === 'foreign'
    const owners = isForeign ? undefined : await stores.integrity.findOwners(finding.digest)
    const outcome = await healer?.heal(finding, owners)
    this.#counts.found++
    if (outcome && isHealed(outcome)) this.#counts.healed++
    await onFound({ finding, owners, outcome })
  }
}
