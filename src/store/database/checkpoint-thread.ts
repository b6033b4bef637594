// The code of a thread that makes one checkpoint and ends.
import { workerData } from 'node:worker_threads'
import SqliteDriver from 'better-sqlite3'

export type CheckpointData = { readonly file: string }

const { file } = workerData as CheckpointData
const driver = new SqliteDriver(file, { fileMustExist: true })
try {
  // Passive: as much as can be done without holding anyone up.
  driver.pragma('wal_checkpoint(passive)')
} finally {
  driver.close()
}
