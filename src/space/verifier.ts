import { setTimeout as delay } from 'node:timers/promises'
import type { Digest } from '../oci/digest.ts'
import type { NamesPage } from '../store/blob-store.ts'
import type { Stores } from '../store/open-stores.ts'
import { eachAtOnce } from './each-at-once.ts'
import { type Finding, judge } from './finding.ts'

type Settings = {
  readonly stores: Pick<Stores, 'blobs' | 'integrity'>
  readonly now: () => number
  /** Hears of each thing that is wrong, one after the other, and is waited for. */
  readonly onFinding: (finding: Finding) => Promise<void>
  /** Hears of each file that was read. */
  readonly onRead: (sizeBytes: number) => void
  /** Hears of each piece of a file before it is read, and is waited for. */
  readonly onPiece: (bytes: number) => void | Promise<void>
  readonly signal?: AbortSignal
}

type Suspect = Extract<Finding, { kind: 'no-row' | 'no-file' }>

/** As many as there are threads that read; what one is waiting for another uses. */
const filesAtOnce = 4
const looksAtOnce = 16
const pageSize = 500
/** Fetched a moment ago, it has a file and is about to be recorded; evicted, the other way round. */
const settleMs = 2_000
/** No more wait at a time: where the database is lost, everything does. */
const maxSuspects = 10_000

/**
 * Reads every file that is kept, and holds files and records against each other, beside a running server
 * too: what doesn't match is looked at again a little later, when whatever was under way has come to its
 * end.
 */
export class Verifier {
  readonly #settings: Settings
  #suspects: Suspect[] = []
  /** Of wrong files, moved away since: their records are no news. */
  readonly #told = new Set<Digest>()
  #telling: Promise<void> = Promise.resolve()

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Once, from the beginning to the end. Rejects once `signal` is aborted. */
  async run(): Promise<void> {
    const { blobs } = this.#settings.stores
    for await (const page of blobs.listNames()) await this.#verifyFiles(page)
    await this.#verifyRecords()
    await this.#settle()
  }

  async #verifyFiles({ digests, foreign }: NamesPage): Promise<void> {
    const { integrity } = this.#settings.stores
    for (const name of foreign) await this.#tell({ kind: 'foreign', name })
    const recorded = await integrity.findRecorded(digests)
    const right: Digest[] = []
    await eachAtOnce(digests, filesAtOnce, async (digest) => {
      if (await this.#isRight(digest, recorded.get(digest))) right.push(digest)
    })
    await integrity.noteVerified(right, this.#settings.now())
    await this.#settleIfMany()
  }

  /** False for what isn't there any more, too. */
  async #isRight(digest: Digest, wantedBytes: number | undefined): Promise<boolean> {
    const { stores, onRead, onPiece, signal } = this.#settings
    signal?.throwIfAborted()
    const pace = async (bytes: number) => onPiece(bytes)
    const checked = await stores.blobs.check(digest, signal ? { pace, signal } : { pace })
    if (!checked) return false
    onRead(checked.sizeBytes)
    const wrong = judge(digest, checked, wantedBytes)
    if (wrong) await this.#tell(wrong)
    else if (wantedBytes === undefined) this.#suspects.push({ kind: 'no-row', digest })
    return wrong === undefined
  }

  async #verifyRecords(): Promise<void> {
    const { stores, signal } = this.#settings
    let after: Digest | undefined
    do {
      signal?.throwIfAborted()
      const page = await stores.integrity.listRecorded({ after, limit: pageSize })
      await eachAtOnce(page, looksAtOnce, async ({ digest }) => {
        if (this.#told.has(digest)) return
        const isThere = (await stores.blobs.find(digest)) !== undefined
        if (!isThere) this.#suspects.push({ kind: 'no-file', digest })
      })
      after = page.at(-1)?.digest
      await this.#settleIfMany()
    } while (after !== undefined)
  }

  async #settleIfMany(): Promise<void> {
    if (this.#suspects.length >= maxSuspects) await this.#settle()
  }

  async #settle(): Promise<void> {
    const suspects = this.#suspects
    this.#suspects = []
    if (suspects.length === 0) return
    const { signal } = this.#settings
    await delay(settleMs, undefined, signal ? { signal } : {})
    for (const suspect of suspects) {
      signal?.throwIfAborted()
      if (await this.#isStillSo(suspect)) await this.#tell(suspect)
    }
  }

  async #isStillSo({ digest, kind }: Suspect): Promise<boolean> {
    const { blobs, integrity } = this.#settings.stores
    const isThere = (await blobs.find(digest)) !== undefined
    const isRecorded = (await integrity.findRecorded([digest])).has(digest)
    return kind === 'no-file' ? isRecorded && !isThere : isThere && !isRecorded
  }

  #tell(finding: Finding): Promise<void> {
    if ('checked' in finding) this.#told.add(finding.digest)
    this.#telling = this.#telling.then(() => this.#settings.onFinding(finding))
    return this.#telling
  }
}
