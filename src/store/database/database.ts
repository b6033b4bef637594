import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** An engine: what Kysely can't say is said here, so that the records needn't know which one it is. */
export type Database = {
  readonly queries: Kysely<Schema>
  /** What `write` commits is on the disk before it resolves, and outlasts a power failure. */
  readonly durably: (write: (queries: Kysely<Schema>) => Promise<void>) => Promise<void>
}
