import type { Digest } from '../oci/digest.ts'
import type { DigestCheck } from '../oci/digest-check.ts'

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
  /**
   * Goes on with what the last writer made by `resume` for the same owner left of `digest`, in this
   * run or an earlier one: all of it is read and hashed first. Begins anew where nothing is left, or where such a
   * writer is still open; the new one then leaves nothing either. A writer that is closed without
   * `keep` or `discard` leaves its content. Wrong bytes among it show only in `verify`.
   */
  resume(digest: Digest, options: ResumeOptions): Promise<BlobWriter>
  /** No error if it isn't there. */
  remove(digest: Digest): Promise<void>
  /** Whether its bytes stay on the disk when it is removed: a backup, or a folder that was adopted, has them too. */
  isShared(digest: Digest): Promise<boolean>
  /** Takes away what broken fetches left that nobody wrote to for so long; gives how many bytes. */
  removePartials(unusedForMs: number): Promise<number>
  list(): AsyncIterable<{ readonly digest: Digest; readonly sizeBytes: number }>
  /** All that lies where finished content does, in no order, some hundreds at a time; what comes or goes meanwhile may be missed. */
  listNames(): AsyncIterable<NamesPage>
  /**
   * Reads it anew from its beginning to its end, in pieces between which requests are served, and says
   * whether it is right. Undefined if it isn't there.
   */
  check(digest: Digest, options?: CheckOptions): Promise<CheckedBlob | undefined>
  /**
   * Takes it out of the way for good, and out of everyone's sight at once; `why` is noted beside it.
   * With `mark`, only what was checked. False if that isn't there any more.
   */
  quarantine(name: Digest | ForeignName, why: string, mark?: string): Promise<boolean>
  /**
   * Keeps again what was put into quarantine and is right after all, as after a disk failed for a moment:
   * all of it is read. False if nothing there is.
   */
  release(digest: Digest): Promise<boolean>
}

/** What lies among finished content and isn't called as a digest is: `sha256/.DS_Store`. */
export type ForeignName = { readonly foreign: string }

export type NamesPage = {
  readonly digests: readonly Digest[]
  readonly foreign: readonly ForeignName[]
}

export type CheckOptions = {
  readonly signal?: AbortSignal | undefined
  /** Called before each piece with its bytes, and waited for. */
  readonly pace?: ((bytes: number) => Promise<void>) | undefined
  /** The content itself is given too, where it has no more bytes. */
  readonly contentUpTo?: number | undefined
}

export type CheckedBlob = {
  readonly sizeBytes: number
  /** Undefined if it is what its digest says; a code such as EIO where it can't be read. */
  readonly fault?: 'wrong' | { readonly code: string } | undefined
  /** Where it was asked for, and is right. */
  readonly content?: Buffer | undefined
  /** When it was written, in milliseconds since 1970. */
  readonly writtenAt: number
  /** By which `quarantine` knows that it is still the same. */
  readonly mark: string
}

export type ResumeOptions = {
  /** Whose bytes they are: what one source left half done must not be gone on with from another. */
  readonly owner: string
  /** Ends the reading and hashing, which takes its time; `resume` then rejects, and nothing is lost. */
  readonly signal?: AbortSignal
}

/** Finished content, to be read. */
export interface BlobSource extends Pick<BlobStore, 'find' | 'open'> {
  /** What a writer, perhaps another thread's, has written; undefined if it isn't there any more. */
  openWritten(place: WrittenPlace): Promise<BlobReader | undefined>
  /** It is gone: nothing of it is kept open for the next reader. */
  forget(digest: Digest): void
  /** Every reader must be closed. */
  close(): Promise<void>
}

/** Content that can be read at any position, by many at once. */
export interface BlobReader {
  readonly sizeBytes: number
  /** Fills `buffer` from `position` as far as it goes; gives how many bytes, 0 only at the end. */
  read(buffer: Uint8Array, position: number): Promise<number>
  /**
   * Of content that is still growing: some of what lies in memory from `position` on, in the place
   * where it lies, once there is anything to read; undefined where that takes a `read`. It is the
   * caller's until the next call of `view`, or `close`.
   */
  view?(position: number): Promise<Buffer<SharedArrayBuffer> | undefined>
  close(): Promise<void>
}

/** By which what a writer writes is found again; of no meaning outside this room. */
export type WrittenPlace = { readonly paths: readonly string[]; readonly inode: bigint }

/** Content that grows, and is whole only after `keep`. */
export interface BlobWriter {
  /** Bytes that `append` has finished with, and those that `resume` found. */
  readonly writtenBytes: number
  /**
   * Appends in order; the chunks belong to the caller again once it resolves. Where it fails nothing
   * of them counts as written.
   */
  append(chunks: readonly Uint8Array[]): Promise<void>
  /** The hash of the first `writtenBytes` bytes, also after an `append` that failed; not after `verify`. */
  copyCheck(): DigestCheck
  /** Where `openWritten` finds it, until `close`. */
  findPlace(): Promise<WrittenPlace>
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
