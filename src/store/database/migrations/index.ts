import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { up as mirror } from './0001-mirror.ts'
import { up as faults } from './0002-faults.ts'
import { up as hosted } from './0003-hosted.ts'
import { up as space } from './0004-space.ts'
import { up as access } from './0005-access.ts'
import { up as audit } from './0006-audit.ts'
import { up as ledger } from './0007-ledger.ts'
import { up as budget } from './0008-budget.ts'
import { up as webhooks } from './0009-webhooks.ts'
import { up as chronicle } from './0012-chronicle.ts'
import { up as spaceHistory } from './0013-space-history.ts'
import { up as userLogins } from './0014-user-logins.ts'

/** In order, by name; a name that has run somewhere is never changed. */
const migrations: Record<string, Migration> = {
  '0001-mirror': { up: mirror },
  '0002-faults': { up: faults },
  '0003-hosted': { up: hosted },
  '0004-space': { up: space },
  '0005-access': { up: access },
  '0006-audit': { up: audit },
  '0007-ledger': { up: ledger },
  '0008-budget': { up: budget },
  '0009-webhooks': { up: webhooks },
  '0012-chronicle': { up: chronicle },
  '0013-space-history': { up: spaceHistory },
  '0014-user-logins': { up: userLogins },
}

/** The number of the last one. */
export const newestVersion = Math.max(...Object.keys(migrations).map(toVersion))

/** Brings the database to the newest version. Throws if one migration fails, which is then undone. */
export async function migrate<T>(db: Kysely<T>): Promise<void> {
  const { error } = await createMigrator(db).migrateToLatest()
  if (error) throw error
}

/** The number of the last migration that has run where others are still to run; else undefined. */
export async function findOldVersion<T>(db: Kysely<T>): Promise<number | undefined> {
  const all = await createMigrator(db).getMigrations()
  const run = all.filter(({ executedAt }) => executedAt !== undefined)
  const last = run.at(-1)
  return last && run.length < all.length ? toVersion(last.name) : undefined
}

/** 4 for `0004-space`. */
export function toVersion(name: string): number {
  return Number.parseInt(name, 10)
}

function createMigrator<T>(db: Kysely<T>): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => migrations } })
}
