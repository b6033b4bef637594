import type { Dirent, Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { ForeignFileError } from '../store/blob-adopter.ts'
import { ForeignFile } from '../store/file/foreign-file.ts'

/** Undefined only where nothing is there. Throws ForeignFileError where that can't be told. */
export function lookAt(path: string): Promise<Stats | undefined> {
  return unlessMissing(told(path, stat(path)))
}

/** What a folder holds; undefined if it isn't there. Throws ForeignFileError. */
export function listFolder(path: string): Promise<readonly Dirent[] | undefined> {
  return unlessMissing(told(path, readdir(path, { withFileTypes: true })))
}

/** What a file begins with, and how long it is; undefined if it isn't there. Throws ForeignFileError. */
export async function readStart(
  path: string,
  mostBytes: number,
): Promise<{ readonly bytes: Buffer; readonly sizeBytes: number } | undefined> {
  const file = await unlessMissing(ForeignFile.open(path))
  if (!file) return undefined
  try {
    return { bytes: await file.readStart(mostBytes), sizeBytes: file.sizeBytes }
  } finally {
    await file.close()
  }
}

function told<T>(path: string, reading: Promise<T>): Promise<T> {
  return reading.catch((cause) => {
    throw ForeignFileError.unreadable(path, cause)
  })
}

async function unlessMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    const { code = '' } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException
    if (['ENOENT', 'ENOTDIR'].includes(code)) return undefined
    throw error
  }
}
