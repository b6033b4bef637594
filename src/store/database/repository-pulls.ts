import { type Kysely, sql } from 'kysely'
import { chooseLevels, cover, type LevelRange, startOfDay } from './ledger-levels.ts'
import { readMarks } from './ledger-marks.ts'
import { hourOf } from './ledger-rows.ts'
import type { Schema } from './schema.ts'

type Row = { readonly upstream: string; readonly repository: string; readonly pulls: number }

/** Since the day that `since` lies in, by upstream and repository with a slash between. */
export async function countPulls(
  db: Kysely<Schema>,
  since: number,
): Promise<ReadonlyMap<string, number>> {
  const levels = chooseLevels({ by: ['repository'], where: {} })
  const asked = { from: startOfDay(hourOf(since)), to: Infinity }
  const pulls = new Map<string, number>()
  for (const range of cover(asked, levels, await readMarks(db))) {
    for (const row of await countIn(db, range)) {
      const key = `${row.upstream}/${row.repository}`
      pulls.set(key, (pulls.get(key) ?? 0) + row.pulls)
    }
  }
  return pulls
}

async function countIn(
  db: Kysely<Schema>,
  { level, from, to }: LevelRange,
): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`
    select upstream, repository, sum(counted.pulls) as pulls
      from (select image, sum(pulls) as pulls from ledger
        where level = ${level.number} and hour >= ${from}
          ${to === Infinity ? sql`` : sql`and hour < ${to}`}
        group by image) counted
      cross join ledger_images
      where id = counted.image and counted.pulls > 0 group by upstream, repository`.execute(db)
  return rows
}
