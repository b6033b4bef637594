import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Stores } from '../store/open-stores.ts'
import type { VerifyFinding } from '../store/verify-records.ts'
import type { AnyVerification, VerifyState } from './any-verification.ts'
import { describeFinding, describeOutcome, type Healed, isHealed, nameOwners } from './finding.ts'
import { Healer, type Refetch } from './healer.ts'
import { type Found, VerifyPass } from './verify-pass.ts'

/** How what is wrong is put right, and who hears of it. */
export type Healing = {
  readonly refetch: Refetch
  /** Hears of each digest whose file isn't what it was. */
  readonly onGone: (digest: Digest) => void
  readonly onHealed: (healed: Healed) => void
}

type Settings = Healing & {
  readonly stores: Pick<Stores, 'blobs' | 'integrity' | 'holds' | 'verify'>
  readonly onError: (error: unknown, what: string) => void
  readonly now: () => number
}

const mostRuns = 10
const mostFindings = 200
/** A layer of a base image may be in hundreds. */
const mostNamed = 5

type Running = { readonly pass: VerifyPass; readonly ended: Promise<void> }

/** Reads all that is kept when somebody asks for it, one time after the other, and remembers what was found. */
export class Verification implements AnyVerification {
  readonly #settings: Settings
  #running: Running | undefined
  #noting: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(settings: Settings) {
    this.#settings = settings
  }

  async describe(): Promise<VerifyState> {
    const { verify } = this.#settings.stores
    await this.#noting
    const runs = await verify.listVerifyRuns(mostRuns)
    const findings = await verify.listVerifyFindings(mostFindings)
    return { running: this.#running?.pass.progress, runs, findings }
  }

  async start({ isRepair }: { isRepair: boolean }): Promise<void> {
    if (this.#running || this.#isClosed) {
      const what = 'a verification is under way: watch it, or stop it first'
      throw new RegistryError('UNSUPPORTED', what, { status: 409 })
    }
    const { stores, now } = this.#settings
    const healer = isRepair ? new Healer(this.#settings) : undefined
    const onFound = (found: Found) => this.#take(found)
    const pass = new VerifyPass({ stores, now, healer, onFound })
    const ended = this.#run(pass)
    this.#running = { pass, ended }
  }

  async stop(): Promise<boolean> {
    const running = this.#running
    running?.pass.stop()
    await running?.ended
    return running !== undefined
  }

  /** What was found in the background. */
  note(healed: Healed): void {
    void this.#remember(toFinding(healed, { at: this.#settings.now(), isByHand: false }))
  }

  /** Resolves when nothing of it is under way. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.stop()
    await this.#noting
  }

  /** Never rejects. */
  async #run(pass: VerifyPass): Promise<void> {
    const { stores, onError } = this.#settings
    try {
      const run = await pass.run()
      await this.#noting
      await stores.verify.recordVerifyRun(run)
    } catch (error) {
      onError(error, "what was verified couldn't be noted")
    } finally {
      this.#running = undefined
    }
  }

  /** Waited for: of a store that lost its files there may be a million. */
  async #take({ finding, owners, outcome }: Found): Promise<void> {
    const { now, onHealed } = this.#settings
    if (outcome) onHealed({ finding, owners, outcome })
    await this.#remember(toFinding({ finding, owners, outcome }, { at: now(), isByHand: true }))
  }

  /** Never rejects. */
  #remember(finding: VerifyFinding): Promise<void> {
    const { stores, onError } = this.#settings
    this.#noting = this.#noting
      .then(() => stores.verify.recordVerifyFindings([finding]))
      .catch((error) => onError(error, "what was found wrong couldn't be noted"))
    return this.#noting
  }
}

function toFinding(
  { finding, owners, outcome }: Found,
  when: Pick<VerifyFinding, 'at' | 'isByHand'>,
): VerifyFinding {
  return {
    ...when,
    what: finding.kind === 'foreign' ? `blobs/${finding.name.foreign}` : finding.digest,
    finding: describeFinding(finding),
    outcome: outcome && describeOutcome(outcome),
    isHealed: outcome !== undefined && isHealed(outcome),
    images: nameOwners(owners?.images ?? []).slice(0, mostNamed),
  }
}
