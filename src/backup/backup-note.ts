import { open, readFile, rename, rm } from 'node:fs/promises'
import { unlessMissing } from '../store/file/unless-missing.ts'
import { BackupError } from './backup-error.ts'

/** `backup.json`: what a backup is, written last. */
export type BackupNote = {
  /** Of the folder's layout. */
  readonly version: 1
  /** Every push that was acknowledged before this is in it; as ISO 8601 has it. */
  readonly endsAt: string
  /** The number of the last migration of its database. */
  readonly database: number
  readonly blobs: number
  readonly bytes: number
}

/** Undefined where no backup was finished there. Throws BackupError for one that this program doesn't know. */
export async function readNote(file: string): Promise<BackupNote | undefined> {
  const text = await unlessMissing(readFile(file, 'utf8'))
  if (text === undefined) return undefined
  const note = parseNote(text)
  if (note) return note
  throw new BackupError(`${file} isn't what "entrepot backup" of this version writes`)
}

/** Takes the place of the one before, at once and whole. */
export async function writeNote(file: string, note: BackupNote): Promise<void> {
  const written = `${file}.partial`
  await rm(written, { force: true })
  const handle = await open(written, 'wx', 0o644)
  try {
    await handle.writeFile(`${JSON.stringify(note, null, 2)}\n`)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(written, file)
}

function parseNote(text: string): BackupNote | undefined {
  try {
    const note = JSON.parse(text) as Partial<BackupNote> | null
    const isKnown =
      note?.version === 1 &&
      !Number.isNaN(Date.parse(String(note.endsAt))) &&
      [note.database, note.blobs, note.bytes].every(Number.isSafeInteger)
    return isKnown ? (note as BackupNote) : undefined
  } catch {
    return undefined
  }
}
