import type { Kysely } from 'kysely'
import { batches } from './batches.ts'
import type { Schema } from './schema.ts'

const idsPerStatement = 500

type Party = { readonly client: string; readonly user: string }
type Image = { readonly upstream: string; readonly repository: string; readonly tag: string }

export type FoundNames = {
  readonly partyOf: (id: number | undefined) => Party | undefined
  readonly imageOf: (id: number | undefined) => Image | undefined
}

/** The names that the numbers in these rows stand for. */
export async function findNames(
  db: Kysely<Schema>,
  rows: readonly { readonly party?: number; readonly image?: number }[],
): Promise<FoundNames> {
  const parties = new Map<number, Party>()
  const images = new Map<number, Image>()
  for (const ids of batches(distinct(rows.map(({ party }) => party)), idsPerStatement)) {
    const found = await db.selectFrom('ledger_parties').selectAll().where('id', 'in', ids).execute()
    for (const { id, client, user_name } of found) parties.set(id, { client, user: user_name })
  }
  for (const ids of batches(distinct(rows.map(({ image }) => image)), idsPerStatement)) {
    const found = await db.selectFrom('ledger_images').selectAll().where('id', 'in', ids).execute()
    for (const { id, upstream, repository, tag } of found)
      images.set(id, { upstream, repository, tag })
  }
  return {
    partyOf: (id) => (id === undefined ? undefined : parties.get(id)),
    imageOf: (id) => (id === undefined ? undefined : images.get(id)),
  }
}

function distinct(ids: readonly (number | undefined)[]): number[] {
  return [...new Set(ids)].filter((id) => id !== undefined)
}
