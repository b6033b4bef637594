import type { BlobSource } from './blob-store.ts'
import { KeptFiles } from './file/kept-files.ts'

/** What is kept in the data folder, for another thread that only reads it. It knows no database. */
export function openBlobSource(
  folder: string,
  onError: (error: unknown, what: string) => void,
): BlobSource {
  return new KeptFiles(folder, onError)
}
