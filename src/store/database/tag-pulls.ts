import type { Kysely } from 'kysely'
import type { LedgerQuery } from '../ledger-records.ts'
import { sumLedger } from './ledger-sums.ts'
import { unpackSums } from './packed-sums.ts'
import type { Schema } from './schema.ts'

type Asked = { readonly upstream: string; readonly repository: string }

const dayMs = 86_400_000
/** There is nothing of what is to come. */
const until = Date.parse('9000-01-01')

/** By tag; of a repository of which more was pulled than a report may tell, none. */
export async function countTagPulls(
  db: Kysely<Schema>,
  of: Asked,
  since: number,
): Promise<ReadonlyMap<string, number>> {
  const sums = await sum(db, { since, until, by: ['image'], where: whereOf(of) })
  return new Map(sums.map(({ tag = '', counters }) => [tag, counters.pulls]))
}

type Days = {
  readonly tags: readonly string[]
  readonly pullsSince: number
  readonly days: number
}

/** By tag, a number for each day since then. */
export async function countTagPullsByDay(
  db: Kysely<Schema>,
  of: Asked,
  { tags, pullsSince, days }: Days,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const where = { ...whereOf(of), tag: tags }
  const sums = await sum(db, { since: pullsSince, until, by: ['image', 'day'], where })
  const pulls = new Map<string, number[]>()
  for (const { tag = '', at = 0, counters } of sums) {
    const byDay = pulls.get(tag) ?? Array.from({ length: days }, () => 0)
    const day = Math.floor((at - pullsSince) / dayMs)
    if (day >= 0 && day < days) byDay[day] = counters.pulls
    pulls.set(tag, byDay)
  }
  return pulls
}

async function sum(db: Kysely<Schema>, query: LedgerQuery) {
  const packed = await sumLedger(db, query)
  return packed ? (await unpackSums(packed)).sums : []
}

function whereOf({ upstream, repository }: Asked): LedgerQuery['where'] {
  return { upstream: [upstream], repository: [repository] }
}
