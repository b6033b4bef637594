import type { Kysely, Transaction } from 'kysely'
import type { Schema } from './schema.ts'

/** An engine: what Kysely can't say is said here, so that the records needn't know which one it is. */
export type Database = {
  readonly queries: Kysely<Schema>
  /** What the transaction writes is on the disk before this resolves, and outlasts a power failure. */
  readonly durably: <T>(write: (transaction: Transaction<Schema>) => Promise<T>) => Promise<T>
  /** Another number than before once another process has written; what this one writes doesn't count. */
  readonly readForeignVersion: () => Promise<number>
  /** The file that a thread may open too, to read it; undefined where there is none, or no other can open it. */
  readonly sharedFile: string | undefined
}
