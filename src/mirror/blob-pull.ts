import type { ByteRange } from '../oci/byte-range.ts'
import type { BlobReader, WrittenPlace } from '../store/blob-store.ts'
import type { CacheOutcome } from './cache-outcome.ts'
import type { Lease } from './lease.ts'

export type OpenedRange = {
  readonly reader: BlobReader
  /** The same reader, of what is still arriving. */
  readonly growing?: GrowingReader
  readonly cache: CacheOutcome
}

/** Reads what is still arriving. Another thread may read what is written by itself. */
export type GrowingReader = Required<BlobReader> & {
  /** How many bytes from the beginning may be read by now. */
  readonly availableBytes: number
  /** Where what is written is found; undefined where nothing is. */
  findPlace(): Promise<WrittenPlace | undefined>
}

/** A blob that there is something to serve of. */
export type BlobPull = {
  readonly sizeBytes: number
  readonly cache: CacheOutcome
  /** Where it may be served again without asking. */
  readonly lease?: Lease
  /**
   * A reader good for this range, read in order, and how its bytes come about. The caller closes it.
   * Only the only range of an answer may get a request to upstream of its own.
   */
  openRange(range: ByteRange, options: { isOnly: boolean }): Promise<OpenedRange>
  /** Lets go of the blob, after its readers were closed. */
  close(): Promise<void>
}

/** Closes what the caller won't get, and throws. */
export async function closeAndThrow(reader: BlobReader, error: unknown): Promise<never> {
  await reader.close()
  throw error
}
