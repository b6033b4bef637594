import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { up as mirror } from './0001-mirror.ts'
import { up as faults } from './0002-faults.ts'
import { up as hosted } from './0003-hosted.ts'

/** In order, by name; a name that has run somewhere is never changed. */
const migrations: Record<string, Migration> = {
  '0001-mirror': { up: mirror },
  '0002-faults': { up: faults },
  '0003-hosted': { up: hosted },
}

/** Brings the database to the newest version. Throws if one migration fails, which is then undone. */
export async function migrate<T>(db: Kysely<T>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}
