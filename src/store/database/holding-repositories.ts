import type { Kysely } from 'kysely'
import type { HoldingQuery } from '../overview-records.ts'
import type { Schema } from './schema.ts'

/** More than anybody looks through. */
const mostFound = 10_000

/** Goes through the tags of all repositories, or the images whose digests begin so. */
export async function findHolding(
  db: Kysely<Schema>,
  wanted: HoldingQuery,
): Promise<readonly number[]> {
  const rows =
    'tag' in wanted
      ? await tagged(db, wanted.tag).execute()
      : await pictured(db, wanted.digest).execute()
  return rows.map(({ repository_id }) => repository_id)
}

function tagged(db: Kysely<Schema>, tag: string) {
  return db
    .selectFrom('tags')
    .select('repository_id')
    .distinct()
    .where('gone_at', 'is', null)
    .where('tag', '>=', tag)
    .where('tag', '<', behind(tag))
    .limit(mostFound)
}

function pictured(db: Kysely<Schema>, digest: string) {
  return db
    .selectFrom('images')
    .select('repository_id')
    .distinct()
    .where('digest', '>=', digest)
    .where('digest', '<', behind(digest))
    .limit(mostFound)
}

/** After all that begins so: tags and digests are ASCII. */
function behind(beginning: string): string {
  return `${beginning}\u007f`
}
