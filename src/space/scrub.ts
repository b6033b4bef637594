import { setTimeout as delay } from 'node:timers/promises'
import type { Digest } from '../oci/digest.ts'
import type { RecordedBlob } from '../store/integrity-records.ts'
import type { Stores } from '../store/open-stores.ts'
import { type Finding, type Healed, judge } from './finding.ts'
import type { Healer } from './healer.ts'
import { leastBytes, Pace } from './pace.ts'

const dayMs = 86_400_000

/** How the disk is shared with those that it is for. */
export type ScrubPace = {
  /** Hardly noticed beside pulls, on a spinning disk too: a fifteenth of what one reads. */
  readonly bytesPerSecond: number
  /**
   * What was found right is left alone for so long, so that the disks of a small store may rest; and
   * all of it is read within as long again, faster if need be: each blob once in 28 days.
   */
  readonly restMs: number
  /** Nothing of it is urgent while a server starts. */
  readonly firstAfterMs: number
  /** When nothing is due, or the disk fails. */
  readonly idleMs: number
}

export const scrubPace: ScrubPace = {
  bytesPerSecond: 10_000_000,
  restMs: 14 * dayMs,
  firstAfterMs: 60_000,
  idleMs: 10 * 60_000,
}

type Settings = {
  readonly stores: Pick<Stores, 'blobs' | 'integrity' | 'holds'>
  readonly healer: Healer
  readonly now: () => number
  readonly pace?: ScrubPace
  /** Hears of everything that was wrong. */
  readonly onHealed: (healed: Healed) => void
  /** Hears why it can't go on for the moment. */
  readonly onError: (error: unknown, what: string) => void
  readonly signal: AbortSignal
}

const pageSize = 50
/** What is read by then isn't read again after a restart. */
const noteEveryBytes = 256 * 1024 * 1024

/** Reads all that is kept again and again, slowly, what was read the longest ago first, and heals what is wrong. */
export class Scrub {
  readonly #settings: Settings
  readonly #times: ScrubPace
  readonly #pace: Pace

  constructor(settings: Settings) {
    this.#settings = settings
    this.#times = settings.pace ?? scrubPace
    this.#pace = new Pace(this.#times.bytesPerSecond, settings.signal)
  }

  /** Resolves once it is told to stop; never rejects. */
  async run(): Promise<void> {
    const { signal, onError } = this.#settings
    const { firstAfterMs, idleMs } = this.#times
    let waitMs = firstAfterMs
    while (await waited(waitMs, signal)) {
      try {
        await this.#readDue()
      } catch (error) {
        if (signal.aborted) return
        onError(error, 'what is kept could not be checked; it is tried again in ten minutes')
      }
      waitMs = idleMs
    }
  }

  async #readDue(): Promise<void> {
    const { integrity } = this.#settings.stores
    for (;;) {
      const now = this.#settings.now()
      const before = now - this.#times.restMs
      const due = await integrity.listDue({ before, now, limit: pageSize })
      if (due.length === 0) return
      const { blobs, bytes } = await integrity.measureRecorded()
      const needed = (bytes + blobs * leastBytes) / (this.#times.restMs / 1000)
      this.#pace.bytesPerSecond = Math.max(this.#times.bytesPerSecond, needed)
      await this.#read(due)
    }
  }

  /**
   * Also noted of what is wrong: it is told once, and not before its next turn again. So is what can't be
   * checked, once another can, or it would be first for ever. Where none can, the disk is at fault.
   */
  async #read(due: readonly RecordedBlob[]): Promise<void> {
    const { stores, now, signal, onError } = this.#settings
    const unclear: { readonly digest: Digest; readonly error: unknown }[] = []
    let read: Digest[] = []
    let bytes = 0
    const note = async () => {
      await stores.integrity.noteVerified(read, now())
      read = []
      bytes = 0
    }
    try {
      for (const blob of due) {
        try {
          await this.#readOne(blob)
        } catch (error) {
          signal.throwIfAborted()
          unclear.push({ digest: blob.digest, error })
          continue
        }
        for (const { digest, error } of unclear.splice(0)) {
          onError(error, `${digest} could not be checked`)
          read.push(digest)
        }
        read.push(blob.digest)
        bytes += blob.sizeBytes
        if (bytes >= noteEveryBytes) await note()
      }
      if (unclear[0]) throw unclear[0].error
    } finally {
      await note()
    }
  }

  async #readOne({ digest, sizeBytes }: RecordedBlob): Promise<void> {
    const { stores, signal } = this.#settings
    await this.#pace.pass(leastBytes)
    const pace = (length: number) => this.#pace.pass(length)
    const checked = await stores.blobs.check(digest, { signal, pace })
    const finding = checked ? judge(digest, checked, sizeBytes) : await this.#findLoss(digest)
    if (!finding) return
    const owners = await stores.integrity.findOwners(digest)
    // Somebody has deleted it, perhaps to make room: whoever pulls it has it fetched again. A manifest is
    // small, and says what its image needs.
    const isMirrored = owners.hosted.length === 0 && !owners.isManifest
    const isOnlyGone = finding.kind === 'no-file' && isMirrored
    const found = isOnlyGone ? { ...owners, sources: [] } : owners
    const outcome = await this.#settings.healer.heal(finding, found)
    this.#settings.onHealed({ finding, outcome, owners })
  }

  /** Undefined where it was taken away as it should be: its file first, and then its record. */
  #findLoss(digest: Digest): Promise<Finding | undefined> {
    const { blobs, integrity, holds } = this.#settings.stores
    return holds.during(digest, async () => {
      const isRecorded = (await integrity.findRecorded([digest])).has(digest)
      if (!isRecorded || (await blobs.find(digest)) !== undefined) return undefined
      return { kind: 'no-file', digest }
    })
  }
}

/** False when it is told to stop. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await delay(ms, undefined, { signal, ref: false })
    return true
  } catch {
    return false
  }
}
