import type { Digest } from '../oci/digest.ts'
import { type BlobCarrier, isDamagedBlob } from '../store/file/blob-carrier.ts'
import type { BlobFolder } from '../store/file/blob-folder.ts'
import { isRight } from './backup-blobs.ts'
import type { Problem } from './backup-error.ts'

type Settings = {
  /** Of the backup. */
  readonly from: BlobFolder
  /** Of the data folder. */
  readonly to: BlobFolder
  readonly carrier: BlobCarrier
  readonly quarantine: (digest: Digest) => Promise<void>
  readonly onProblem: (problem: Problem) => void
}

/** Takes blobs over into a data folder, each verified, and counts them. */
export class RestoreBlobs {
  readonly #settings: Settings
  readonly counts = { linked: 0, copied: 0, there: 0, problems: 0 }

  constructor(settings: Settings) {
    this.#settings = settings
  }

  get looked(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count)
  }

  /** Whether it is there now, and right. */
  async take(digest: Digest): Promise<boolean> {
    if (await this.#isThere(digest)) {
      this.counts.there++
      return true
    }
    try {
      const carried = await this.#settings.carrier.carry(digest, { isChecked: true })
      if (carried === 'gone') return this.#tell({ digest, what: 'is missing in the backup' })
      this.counts[carried]++
      return true
    } catch (error) {
      if (!isDamagedBlob(error)) throw error
      return this.#tell({ digest, what: 'is damaged in the backup' })
    }
  }

  /** What is wrong there already is moved out of the way. */
  async #isThere(digest: Digest): Promise<boolean> {
    const { to, quarantine } = this.#settings
    if (!(await to.find(digest))) return false
    if (await isRight(to, digest)) return true
    await quarantine(digest)
    return false
  }

  #tell(problem: Problem): false {
    this.counts.problems++
    this.#settings.onProblem(problem)
    return false
  }
}
