import { type FileHandle, link, lstat, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '../../oci/digest.ts'
import { DigestCheck, DigestMismatchError } from '../../oci/digest-check.ts'
import type { BlobFolder } from './blob-folder.ts'
import { partialName } from './partial-name.ts'
import { unlessMissing } from './unless-missing.ts'
import { isUnreadable } from './unreadable.ts'

type Settings = {
  readonly from: BlobFolder
  readonly to: BlobFolder
  /** Where copies grow, in the file system of `to`; nobody else writes there. */
  readonly partial: string
  readonly signal?: AbortSignal | undefined
}

export type Carried = 'linked' | 'copied' | 'gone'

const pieceBytes = 1024 * 1024
/** Two file systems; one that knows no links; files of another user; as many links as a file may have. */
const noLink = /^(EXDEV|EPERM|EACCES|ENOTSUP|EOPNOTSUPP|ENOSYS|EMLINK)$/

/** Brings blobs from one folder into another: by hard link where that works, else by copy. */
export class BlobCarrier {
  readonly #settings: Settings
  #linking: Promise<boolean> | undefined

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** Whether the two folders may have a file in common; tried with one that is there. */
  canLink(sample: Digest): Promise<boolean> {
    this.#linking ??= this.#tryWith(sample)
    return this.#linking
  }

  /**
   * Takes the place of what lies there, at once and whole; `gone` where it isn't in the first folder. What
   * is copied is verified and synced, what is linked only where `isChecked` says so. Throws
   * DigestMismatchError. The folder itself is still to be synced.
   */
  async carry(digest: Digest, { isChecked }: { isChecked: boolean }): Promise<Carried> {
    const { to, partial } = this.#settings
    const written = join(partial, partialName(digest))
    if (await this.canLink(digest)) {
      if (isChecked && !(await this.#verify(digest))) return 'gone'
      const linked = await this.#link(digest, written)
      if (linked === 'linked' || linked === 'gone') return linked
    }
    if (!(await this.#copy(digest, written))) return 'gone'
    await rename(written, to.path(digest))
    return 'copied'
  }

  /** False where it isn't there. */
  async #verify(digest: Digest): Promise<boolean> {
    const { from, signal } = this.#settings
    return (await unlessMissing(from.verify(digest, signal).then(() => true))) === true
  }

  async #link(digest: Digest, written: string): Promise<LinkOutcome> {
    const { from, to } = this.#settings
    const linked = await tryLink(from.path(digest), to.path(digest))
    if (linked !== 'taken') return linked
    await rm(written, { force: true })
    const replacing = await tryLink(from.path(digest), written)
    if (replacing !== 'linked') return replacing
    await rename(written, to.path(digest))
    // A rename from one name of a file to another of it leaves both.
    await rm(written, { force: true })
    return 'linked'
  }

  async #tryWith(sample: Digest): Promise<boolean> {
    const { from, partial } = this.#settings
    const tried = join(partial, 'link')
    await rm(tried, { force: true })
    const linked = await tryLink(from.path(sample), tried)
    await rm(tried, { force: true })
    // What went away, or is no file, says nothing: each is tried, and copied where it can't be linked.
    return linked !== 'refused'
  }

  /** False where it isn't there; nothing is left where it throws. */
  async #copy(digest: Digest, written: string): Promise<boolean> {
    const source = await unlessMissing(open(this.#settings.from.path(digest), 'r'))
    if (!source) return false
    try {
      await rm(written, { force: true })
      const target = await open(written, 'wx', 0o644)
      try {
        await copyVerified(digest, { source, target, signal: this.#settings.signal })
        await target.datasync()
      } finally {
        await target.close()
      }
      return true
    } catch (error) {
      await rm(written, { force: true })
      throw error
    } finally {
      await source.close()
    }
  }
}

/** `taken`: something has the name; `strange`: it is no plain file. */
type LinkOutcome = 'linked' | 'gone' | 'taken' | 'refused' | 'strange'

async function tryLink(from: string, to: string): Promise<LinkOutcome> {
  try {
    // Of a symbolic link the link itself would get a second name.
    if (!(await lstat(from)).isFile()) return 'strange'
    await link(from, to)
    return 'linked'
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return 'gone'
    if (code === 'EEXIST') return 'taken'
    if (noLink.test(code)) return 'refused'
    throw error
  }
}

type Copying = {
  readonly source: FileHandle
  readonly target: FileHandle
  readonly signal: AbortSignal | undefined
}

async function copyVerified(digest: Digest, { source, target, signal }: Copying): Promise<void> {
  const check = new DigestCheck(digest)
  const { size } = await source.stat()
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(pieceBytes, size)))
  for (;;) {
    signal?.throwIfAborted()
    const { bytesRead } = await source.read(buffer)
    if (bytesRead === 0) break
    const piece = buffer.subarray(0, bytesRead)
    check.update(piece)
    await target.writeFile(piece)
  }
  check.verify()
}

/** Whether a blob couldn't be carried for its own sake: its content is wrong, or can't be read by anyone. */
export function isDamagedBlob(error: unknown): boolean {
  if (error instanceof DigestMismatchError) return true
  return isUnreadable(error) && (error as NodeJS.ErrnoException).syscall === 'read'
}
