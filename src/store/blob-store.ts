import type { Digest } from '../oci/digest.ts'

/**
 * Where content lies. Everything that is kept goes through this interface (a folder today, a bucket
 * another day); nothing outside this room knows a path. The contract is test/contract/blob-store.
 */
export interface BlobStore {
  /** Size in bytes of finished content, or undefined. */
  find(digest: Digest): Promise<number | undefined>
  /** Undefined if it isn't kept. The caller closes the reader; until then it reads whole, even when removed meanwhile. */
  open(digest: Digest): Promise<BlobReader | undefined>
  /** Begins to store `digest`; writers of one digest don't meet. The caller keeps or discards, then closes. */
  create(digest: Digest): Promise<BlobWriter>
  /** No error if it isn't there. */
  remove(digest: Digest): Promise<void>
  list(): AsyncIterable<{ readonly digest: Digest; readonly sizeBytes: number }>
}

/** Content that can be read at any position, by many at once. */
export interface BlobReader {
  readonly sizeBytes: number
  /** Fills `buffer` from `position` as far as it goes; gives how many bytes, 0 only at the end. */
  read(buffer: Uint8Array, position: number): Promise<number>
  close(): Promise<void>
}

/** Content that grows, and is whole only after `keep`. */
export interface BlobWriter {
  /** Bytes that `append` has finished with. */
  readonly writtenBytes: number
  /** Appends in order; the chunks belong to the caller again once it resolves. */
  append(chunks: readonly Uint8Array[]): Promise<void>
  /** Reads what was written, also after `keep` or `discard`, until `close`. */
  read(buffer: Uint8Array, position: number): Promise<number>
  /** Throws DigestMismatchError. Nothing may be appended afterwards. */
  verify(): void
  /** Makes verified content durable and findable, at once and whole. Throws if `verify` hasn't passed. */
  keep(): Promise<void>
  /** Takes back what was written. No error after `keep`, which it doesn't undo. */
  discard(): Promise<void>
  close(): Promise<void>
}

export class DigestMismatchError extends Error {
  override readonly name = 'DigestMismatchError'
  readonly expected: Digest
  readonly actual: Digest

  constructor(expected: Digest, actual: Digest) {
    super(`expected ${expected}, found ${actual}`)
    this.expected = expected
    this.actual = actual
  }
}
