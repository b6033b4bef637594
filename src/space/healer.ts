import type { Digest } from '../oci/digest.ts'
import type { Source } from '../oci/source.ts'
import type { Owners } from '../store/integrity-records.ts'
import type { Stores } from '../store/open-stores.ts'
import { describeFinding, type Finding, type Outcome, type WrongFile } from './finding.ts'
import { recognise, toRecognise } from './recognition.ts'

export type Refetch = (source: Source, digest: Digest, kind: 'manifest' | 'blob') => Promise<void>

type Settings = {
  readonly stores: Pick<Stores, 'blobs' | 'integrity' | 'holds'>
  /** Fetches what isn't kept any more from where it came; rejects where it can't be had. */
  readonly refetch: Refetch
  /** Hears of each digest whose file isn't what it was. */
  readonly onGone: (digest: Digest) => void
  readonly now: () => number
}

/** Enough for another repository to have what one has lost. */
const maxSources = 3

/**
 * Puts right what is wrong: a wrong file is moved out of the way first, so that nobody gets it any more,
 * then what was mirrored is fetched again. What was pushed exists nowhere else: it is lost until it is
 * pushed again.
 */
export class Healer {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** `owners`: of the digest. Never rejects. */
  async heal(finding: Finding, owners: Owners | undefined): Promise<Outcome> {
    try {
      return await this.#heal(finding, owners)
    } catch (error) {
      return { kind: 'failed', why: (error as Error).message }
    }
  }

  async #heal(finding: Finding, owners: Owners | undefined): Promise<Outcome> {
    const { stores } = this.#settings
    if (finding.kind === 'foreign') {
      await stores.blobs.quarantine(finding.name, describeFinding(finding))
      return { kind: 'removed' }
    }
    if (finding.kind === 'no-row') return this.#record(finding.digest)
    if (finding.kind !== 'no-file' && !(await this.#moveAway(finding))) return { kind: 'replaced' }
    return this.#replace(finding, owners)
  }

  async #record(digest: Digest): Promise<Outcome> {
    const { stores, now } = this.#settings
    const checked = await stores.blobs.check(digest, toRecognise)
    if (checked?.fault !== undefined) throw new Error('it has been damaged since it was read')
    if (!checked) return { kind: 'replaced' }
    const found = recognise(digest, checked, now())
    await stores.integrity.recordFound([found])
    return { kind: 'recorded', isManifest: found.manifest !== undefined }
  }

  /** Not while somebody is about to point to it, or takes it away. */
  #moveAway(finding: WrongFile): Promise<boolean> {
    const { stores, onGone } = this.#settings
    const { digest, checked } = finding
    return stores.holds.during(digest, async () => {
      const isMoved = await stores.blobs.quarantine(digest, describeFinding(finding), checked.mark)
      if (isMoved) onGone(digest)
      return isMoved
    })
  }

  async #replace(
    { digest, ...finding }: Exclude<Finding, { kind: 'foreign' | 'no-row' }>,
    owners: Owners | undefined,
  ): Promise<Outcome> {
    let why: string | undefined
    for (const source of owners?.sources.slice(0, maxSources) ?? []) {
      try {
        await this.#settings.refetch(source, digest, owners?.isManifest ? 'manifest' : 'blob')
        return { kind: 'fetched', from: source }
      } catch (error) {
        why = (error as Error).message
      }
    }
    const hosted = owners?.hosted ?? []
    if (hosted.length > 0) return { kind: 'lost', hosted }
    const isUnrecorded = 'wantedBytes' in finding && finding.wantedBytes === undefined
    if (isUnrecorded) return { kind: 'removed' }
    const { integrity } = this.#settings.stores
    const isForgotten = await integrity.forgetMirrored(digest)
    return isForgotten ? { kind: 'forgotten', why } : { kind: 'lost', hosted }
  }
}
