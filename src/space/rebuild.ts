import { setTimeout as delay } from 'node:timers/promises'
import type { Digest } from '../oci/digest.ts'
import { maxManifestBytes } from '../oci/manifest.ts'
import type { FoundBlob } from '../store/integrity-records.ts'
import type { Stores } from '../store/open-stores.ts'
import { eachAtOnce } from './each-at-once.ts'
import { type Healed, judge, type WrongFile, type WrongRow } from './finding.ts'
import type { Healer } from './healer.ts'
import { leastBytes, Pace } from './pace.ts'
import { recognise, toRecognise } from './recognition.ts'

type Settings = {
  readonly stores: Pick<Stores, 'blobs' | 'integrity' | 'holds'>
  readonly healer: Healer
  readonly now: () => number
  /** Hears of files that turned out wrong. */
  readonly onHealed: (healed: Healed) => void
  readonly signal: AbortSignal
}

export type Rebuilt = { readonly files: number; readonly manifests: number }

/** What is pulled meanwhile is read through by itself, so that there is no hurry. */
const bytesPerSecond = 100_000_000
/** Another waits for its turn while one is read. */
const filesAtOnce = 2
/** Written together, they cost a fraction; it isn't much that a kill then does again. */
const filesPerWrite = 100
/**
 * Between pages of names where there is no sign of anything: to look a million up takes seconds of a
 * core, which are spread over minutes.
 */
const unhurriedMs = 100

/**
 * Finds files of which nothing is recorded, as after the database was lost or is an older one, or after
 * a kill, and records them anew. Where there are more files than records that has begun in a moment:
 * manifests first, being small, since with them whole images are found again.
 */
export class Rebuild {
  readonly #settings: Settings
  readonly #pace: Pace
  #files = 0
  #manifests = 0

  constructor(settings: Settings) {
    this.#settings = settings
    this.#pace = new Pace(bytesPerSecond, settings.signal)
  }

  /** Rejects when it is told to stop. */
  async run(): Promise<Rebuilt> {
    if (await this.#isUrgent()) {
      await this.#recordAll((sizeBytes) => sizeBytes <= maxManifestBytes)
      await this.#recordAll((sizeBytes) => sizeBytes > maxManifestBytes)
    } else await this.#recordAll(() => true, unhurriedMs)
    return { files: this.#files, manifests: this.#manifests }
  }

  /** Records of what is gone may hide it: an old database has as many. */
  async #isUrgent(): Promise<boolean> {
    const { stores, signal } = this.#settings
    let files = 0
    for await (const { digests } of stores.blobs.listNames()) {
      files += digests.length
      signal.throwIfAborted()
    }
    return files > (await stores.integrity.measureRecorded()).blobs
  }

  async #recordAll(isTurn: (sizeBytes: number) => boolean, pauseMs = 0): Promise<void> {
    const { stores, signal } = this.#settings
    const { blobs, integrity } = stores
    for await (const { digests } of blobs.listNames()) {
      signal.throwIfAborted()
      const recorded = await integrity.findRecorded(digests)
      const unrecorded = digests.filter((digest) => !recorded.has(digest))
      for (const batch of split(unrecorded, filesPerWrite)) {
        const found: FoundBlob[] = []
        await eachAtOnce(batch, filesAtOnce, async (digest) => {
          // What can't even be looked at is told of when it is read.
          const sizeBytes = await blobs.find(digest).catch(() => 0)
          const one = sizeBytes !== undefined && isTurn(sizeBytes) && (await this.#read(digest))
          if (one) found.push(one)
        })
        await this.#record(found)
      }
      if (pauseMs > 0) await delay(pauseMs, undefined, { signal, ref: false })
    }
  }

  /** But for what is recorded by who brings it, now or meanwhile. */
  #record(found: readonly FoundBlob[]): Promise<void> {
    const { integrity, holds } = this.#settings.stores
    const digests = found.map(({ digest }) => digest)
    return holds.takeAway(digests, async (free) => {
      const recorded = await integrity.findRecorded(free)
      const isNobodys = ({ digest }: FoundBlob) => free.includes(digest) && !recorded.has(digest)
      const still = found.filter(isNobodys)
      await integrity.recordFound(still)
      this.#files += still.length
      this.#manifests += still.filter(({ manifest }) => manifest !== undefined).length
    })
  }

  /** Undefined where it is wrong, and then out of the way. */
  async #read(digest: Digest): Promise<FoundBlob | undefined> {
    const { stores, signal, now } = this.#settings
    const pace = (bytes: number) => this.#pace.pass(Math.max(bytes, leastBytes))
    const checked = await stores.blobs.check(digest, { signal, pace, ...toRecognise })
    if (!checked) return undefined
    const wrong = judge(digest, checked, undefined)
    if (wrong) await this.#heal(wrong)
    return wrong ? undefined : recognise(digest, checked, now())
  }

  async #heal(finding: WrongFile | WrongRow): Promise<void> {
    const { stores, healer, onHealed } = this.#settings
    const owners = await stores.integrity.findOwners(finding.digest)
    onHealed({ finding, owners, outcome: await healer.heal(finding, owners) })
  }
}

function* split<T>(list: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < list.length; start += size) yield list.slice(start, start + size)
}
