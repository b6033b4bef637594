import type { Digest } from '../oci/digest.ts'
import type { Source } from '../oci/source.ts'
import type { Owners } from '../store/integrity-records.ts'
import type { Stores } from '../store/open-stores.ts'
import { describeFinding, type Finding, type Outcome, type WrongFile } from './finding.ts'
import { recognise, toRecognise } from './recognition.ts'

/**
 * Fetches what isn't kept any more from where it came. Undefined once it is kept again; a text where
 * it isn't to be had there any more. Rejects where that can't be told now.
 */
export type Refetch = (
  source: Source,
  digest: Digest,
  kind: 'manifest' | 'blob',
) => Promise<string | undefined>

type Settings = {
  readonly stores: Pick<Stores, 'blobs' | 'integrity' | 'holds'>
  readonly refetch: Refetch
  /** Hears of each digest whose file isn't what it was. */
  readonly onGone: (digest: Digest) => void
  readonly now: () => number
}

/** Enough for another repository to have what one has lost. */
const maxSources = 3

type Lost = Exclude<Finding, { kind: 'foreign' | 'no-row' | 'wrong-row' }>

/** `why` it isn't kept again; `isOpen`: some source couldn't say. */
type Tried =
  | { readonly from: Source }
  | { readonly from?: never; readonly why: string | undefined; readonly isOpen: boolean }

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
      const isMoved = await stores.blobs.quarantine(finding.name, describeFinding(finding))
      if (!isMoved) throw new Error('nothing of that name is there')
      return { kind: 'removed' }
    }
    const { digest } = finding
    if (finding.kind === 'no-row' || finding.kind === 'wrong-row') return this.#record(digest)
    if (finding.kind === 'unreadable') refuseForbidden(finding)
    const isLeft = finding.kind !== 'no-file' && !(await this.#moveAway(finding))
    if (isLeft && (await stores.blobs.find(digest)) !== undefined) return { kind: 'replaced' }
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

  /** Not while somebody takes it away; what is put in its place meanwhile has another mark. */
  #moveAway(finding: WrongFile): Promise<boolean> {
    const { stores, onGone } = this.#settings
    const { digest, checked } = finding
    return stores.holds.during(digest, async () => {
      const isMoved = await stores.blobs.quarantine(digest, describeFinding(finding), checked.mark)
      if (isMoved) onGone(digest)
      return isMoved
    })
  }

  async #replace(finding: Lost, owners: Owners | undefined): Promise<Outcome> {
    const { digest } = finding
    if (await this.#release(finding)) return { kind: 'released' }
    const tried = await this.#refetch(digest, owners)
    if (tried.from) return { kind: 'fetched', from: tried.from }
    const hosted = owners?.hosted ?? []
    if (hosted.length > 0) return { kind: 'lost', hosted }
    const isUnrecorded = 'wantedBytes' in finding && finding.wantedBytes === undefined
    if (isUnrecorded) return { kind: 'removed' }
    const { why = '', isOpen } = tried
    return isOpen ? { kind: 'unfetched', why } : this.#forget(digest, tried.why)
  }

  /** What was wrong stays wrong; what couldn't be read may be right, also where it was moved away lately. */
  #release({ digest, kind }: Lost): Promise<boolean> {
    const { blobs, holds } = this.#settings.stores
    const mayBeRight = kind === 'no-file' || kind === 'unreadable'
    return holds.during(digest, async () => mayBeRight && blobs.release(digest))
  }

  async #refetch(digest: Digest, owners: Owners | undefined): Promise<Tried> {
    const kind = owners?.isManifest ? 'manifest' : 'blob'
    let no: string | undefined
    let open: string | undefined
    for (const source of owners?.sources.slice(0, maxSources) ?? []) {
      try {
        no = await this.#settings.refetch(source, digest, kind)
        if (no === undefined) return { from: source }
      } catch (error) {
        open = (error as Error).message
      }
    }
    return { why: open ?? no, isOpen: open !== undefined }
  }

  /** Unless somebody is bringing it, or has brought it: then its record is about what is there. */
  #forget(digest: Digest, why: string | undefined): Promise<Outcome> {
    const { blobs, holds, integrity } = this.#settings.stores
    return holds.takeAway([digest], async ([free]) => {
      if (!free || (await blobs.find(digest)) !== undefined) return { kind: 'replaced' }
      const isForgotten = await integrity.forgetMirrored(digest)
      return isForgotten ? { kind: 'forgotten', why } : { kind: 'lost', hosted: [] }
    })
  }
}

/** Throws where whoever may read the file may find it right: it is no less safe where it lies. */
function refuseForbidden({ checked: { fault } }: WrongFile): void {
  const isForbidden = typeof fault === 'object' && fault.code === 'EACCES'
  if (isForbidden) throw new Error('give the file to the user that the server runs as')
}
