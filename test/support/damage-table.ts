import { open } from 'node:fs/promises'
import SqliteDriver from 'better-sqlite3'

/** Overwrites where a table of a database that nobody uses begins; the rest of it can be read as before. */
export const damageTable = async (file: string, table: string): Promise<void> => {
  const driver = new SqliteDriver(file)
  driver.pragma('wal_checkpoint(truncate)')
  const pageBytes = Number(driver.pragma('page_size', { simple: true }))
  const page = driver
    .prepare('select rootpage from sqlite_schema where name = ?')
    .pluck()
    .get(table)
  driver.close()
  await using handle = await open(file, 'r+')
  await handle.write(Buffer.alloc(pageBytes, 0xab), 0, pageBytes, (Number(page) - 1) * pageBytes)
}
