import type { Digest } from '../oci/digest.ts'

/**
 * Where content lies whose sender names its digest only at the end. Each upload has an id of a-z, 0-9
 * and -, which its owner chooses and never uses again. The contract is test/contract/upload-store.
 */
export interface UploadStore {
  /** Begins an upload. The caller closes it. */
  create(id: string): Promise<Upload>
  /**
   * Goes on with one that was closed, or that a process before this one left: its content is read
   * and hashed first. Undefined if there is none.
   */
  resume(id: string): Promise<Upload | undefined>
  /** Takes back what one that isn't open has; no error if there is none. */
  remove(id: string): Promise<void>
  /** How many bytes one that isn't open has; undefined if there is none. */
  find(id: string): Promise<number | undefined>
}

export interface Upload {
  /** Bytes that `append` has finished with, and those that `resume` found. */
  readonly writtenBytes: number
  /**
   * Appends in order; the chunks belong to the caller again once it resolves. Where it fails nothing
   * of them counts as written.
   */
  append(chunks: readonly Uint8Array[]): Promise<void>
  /**
   * Makes it the content of `digest`, durable and findable at once, whatever was kept before. Throws
   * DigestMismatchError, after which it goes on as if nothing had been. `announce` is called once the
   * content is known to be right, and before it can be found.
   */
  keep(digest: Digest, announce?: () => Promise<void>): Promise<void>
  /** Takes back what was written. No error after `keep`, which it doesn't undo. */
  discard(): Promise<void>
  close(): Promise<void>
}
