// The code of a thread that copies the database as it is at one moment, and ends. It takes half of a
// core at most, and has the disk write as it goes: what is pushed meanwhile waits for the disk too.
import { workerData } from 'node:worker_threads'
import SqliteDriver from 'better-sqlite3'
import { checkDatabase } from './database-damage.ts'
import { Pacer } from './pacer.ts'

export type CopyData = { readonly from: string; readonly to: string }

/** Of 4 KiB: between two steps the thread can be stopped. */
const pagesPerStep = 2048

const { from, to } = workerData as CopyData
await copy()
// One file, with nothing beside it.
const copied = new SqliteDriver(to, { fileMustExist: true })
try {
  copied.pragma('journal_mode = delete')
  // Before it takes the place of an older one that may be whole.
  checkDatabase(copied)
} finally {
  copied.close()
}

async function copy(): Promise<void> {
  const source = new SqliteDriver(from, { fileMustExist: true })
  const pacer = new Pacer(to)
  try {
    // What others write would make SQLite begin anew with every step; whoever reads within a
    // transaction keeps seeing what was there at its first read.
    source.exec('begin')
    source.prepare('select count(*) from sqlite_schema').get()
    await source.backup(to, {
      progress: () => {
        pacer.rest()
        return pagesPerStep
      },
    })
    source.exec('commit')
  } finally {
    pacer.close()
    source.close()
  }
}
