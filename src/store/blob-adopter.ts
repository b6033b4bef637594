import type { Digest } from '../oci/digest.ts'

/** Takes over content that lies in somebody else's files; the contract is test/contract/blob-adopter. */
export interface BlobAdopter {
  /**
   * Reads and hashes the file, and keeps its content as the digest's, in place of what was kept before:
   * by a second name for the same file where the file system gives one, else as a copy. The file stays
   * as it is. Throws DigestMismatchError, and ForeignFileError where the file can't be read; nothing is
   * kept then.
   */
  adopt(file: string, digest: Digest): Promise<Adopted>

  /** Reads and hashes the file as `adopt` does, and keeps nothing; gives its size. */
  check(file: string, digest: Digest): Promise<number>
}

/** `isLinked`: it takes no room as long as its first owner has it too. */
export type Adopted = { readonly sizeBytes: number; readonly isLinked: boolean }

/** A file of somebody else's can't be used; our own are in order. */
export class ForeignFileError extends Error {
  override readonly name = 'ForeignFileError'

  constructor(file: string, why: string, options?: ErrorOptions) {
    super(`${file} ${why}`, options)
  }

  /** `cause`: what the file system said. */
  static unreadable(file: string, cause: unknown): ForeignFileError {
    const { code, message } = cause as NodeJS.ErrnoException
    return new ForeignFileError(file, `can't be read (${code ?? message})`, { cause })
  }
}
