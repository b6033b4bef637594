import type { Digest } from '../oci/digest.ts'
import type { DatabaseFile, NamedBlob } from '../store/database/database-file.ts'
import { type BlobCarrier, isDamagedBlob } from '../store/file/blob-carrier.ts'
import type { BlobFolder } from '../store/file/blob-folder.ts'
import type { Problem } from './backup-error.ts'
import { inLanes } from './lanes.ts'
import type { BackupProgress } from './make-backup.ts'

type Settings = {
  readonly from: BlobFolder
  readonly to: BlobFolder
  readonly carrier: BlobCarrier
  /** The data folder's own. */
  readonly database: DatabaseFile
  readonly onProgress: (progress: BackupProgress) => void
  readonly onProblem: (problem: Problem) => void
}

type Outcome = 'there' | 'gone' | 'damaged'

/** Takes blobs over into a backup's folder, those that it hasn't, and counts them. */
export class BackupBlobs {
  readonly #settings: Settings
  readonly counts = { looked: 0, linked: 0, copied: 0, newBytes: 0, problems: 0 }

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** What can't be taken is left for `takeNamed` to tell of, if it is still named then. */
  async takeEarly(row: NamedBlob): Promise<void> {
    if (!(await this.#isThere(row))) await this.#carry(row, { isChecked: false })
    this.counts.looked++
    this.#settings.onProgress({ step: 'blobs', blobs: this.counts.looked })
  }

  /** Gives those that can't be had. */
  async takeNamed(rows: readonly NamedBlob[]): Promise<readonly Digest[]> {
    const gone: Digest[] = []
    const damaged: Digest[] = []
    await inLanes(rows, async (row) => {
      const outcome = await this.#take(row)
      if (outcome === 'gone') gone.push(row.digest)
      if (outcome === 'damaged') damaged.push(row.digest)
    })
    // What was pushed is removed from the database first, and its file after that.
    const lost = gone.length > 0 ? this.#settings.database.findPushed(gone) : []
    for (const digest of damaged) this.#tell({ digest, what: 'its file is damaged' })
    for (const digest of lost) this.#tell({ digest, what: 'was pushed, and its file is missing' })
    return [...gone, ...damaged]
  }

  async #take(row: NamedBlob): Promise<Outcome> {
    const { digest, sizeBytes } = row
    const { to, onProgress } = this.#settings
    const found = await to.find(digest)
    if (found?.sizeBytes === sizeBytes) return 'there'
    const outcome = await this.#carry(row, { isChecked: true })
    if (outcome !== 'there') await to.remove(digest)
    onProgress({ step: 'new blobs', blobs: this.counts.linked + this.counts.copied })
    return outcome
  }

  /**
   * Where both folders may share a file and don't, one of them may have been damaged and healed since:
   * what is right stays.
   */
  async #isThere({ digest, sizeBytes }: NamedBlob): Promise<boolean> {
    const { from, to, carrier } = this.#settings
    const there = await to.find(digest)
    if (there?.sizeBytes !== sizeBytes) return false
    const source = await from.find(digest)
    if (!source || source.inode === there.inode || source.device !== there.device) return true
    return !(await carrier.canLink(digest)) || (await isRight(to, digest))
  }

  async #carry(
    { digest, sizeBytes }: NamedBlob,
    how: { readonly isChecked: boolean },
  ): Promise<Outcome> {
    try {
      const carried = await this.#settings.carrier.carry(digest, how)
      if (carried === 'gone') return 'gone'
      this.counts[carried]++
      this.counts.newBytes += sizeBytes
      return 'there'
    } catch (error) {
      if (isDamagedBlob(error)) return 'damaged'
      throw error
    }
  }

  #tell(problem: Problem): void {
    this.counts.problems++
    this.#settings.onProblem(problem)
  }
}

/** Whether the file is what its name says. */
export async function isRight(folder: BlobFolder, digest: Digest): Promise<boolean> {
  try {
    await folder.verify(digest)
    return true
  } catch (error) {
    if (isDamagedBlob(error)) return false
    throw error
  }
}
