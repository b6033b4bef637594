import type { Stats } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { ForeignFileError } from '../store/blob-adopter.ts'
import { listFolder, lookAt } from './foreign-paths.ts'

/** What was named holds no registry's storage; the message says what was looked for. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
}

export type FoundStorage = {
  /** `.../docker/registry/v2`. */
  readonly folder: string
  /** Whether it was filled by pulls through it: a pull-through registry writes down what it will remove. */
  readonly isProxy: boolean
}

/** Where the filesystem driver puts everything, below its rootdirectory. */
const layout = join('docker', 'registry', 'v2')
const schedule = 'scheduler-state.json'
const wanted = `${layout} with repositories and blobs in it`
/** How far below the folder that was named it may begin, and how many folders are looked into for that. */
const deepest = 2
const mostFolders = 1000

/** What can't be looked at, and why: it may be what is looked for. */
type Unread = string[]

/**
 * Finds the storage of a registry:2 or registry:3 in what its rootdirectory is, or in a folder somewhat
 * above or below it. Throws StorageError.
 */
export async function findStorage(named: string): Promise<FoundStorage> {
  const start = resolve(named)
  const unread: Unread = []
  if (!(await isFolder(start, unread))) throw explain(`${start} is no folder`, unread)
  const folder = (await findHere(start, unread)) ?? (await findBelow(start, unread))
  if (folder === undefined) throw explain(nothingIn(start), unread)
  const scheduled: Unread = []
  const found = await look(join(folder, '..', '..', '..', schedule), scheduled)
  if (scheduled.length > 0) {
    throw explain('whether it was filled by pulls through it is unknown', scheduled)
  }
  return { folder, isProxy: found?.isFile() === true }
}

/** In the folder itself, or around it where it is a part of one. */
async function findHere(start: string, unread: Unread): Promise<string | undefined> {
  const parts = ['.', 'v2', join('registry', 'v2'), layout]
  for (const part of parts) if (await isStorage(join(start, part), unread)) return join(start, part)
  for (let above = start; above !== dirname(above); above = dirname(above)) {
    if (above.endsWith(layout) && (await isStorage(above, unread))) return above
  }
  return undefined
}

async function findBelow(start: string, unread: Unread): Promise<string | undefined> {
  let level = [start]
  let left = mostFolders
  for (let depth = 1; depth <= deepest && level.length > 0; depth++) {
    const next: string[] = []
    const found: string[] = []
    for (const folder of level) {
      for (const inner of await listFolders(folder, unread)) {
        if (left-- <= 0) return undefined
        next.push(inner)
        if (await isStorage(join(inner, layout), unread)) found.push(join(inner, layout))
      }
    }
    if (found.length > 1) throw severalIn(start, found)
    if (found[0] !== undefined) return found[0]
    level = next
  }
  return undefined
}

/** A registry that nothing was pushed to yet has made neither. */
async function isStorage(folder: string, unread: Unread): Promise<boolean> {
  const parts = [join(folder, 'repositories'), join(folder, 'blobs')]
  for (const part of parts) if (!(await isFolder(part, unread))) return false
  return true
}

async function listFolders(folder: string, unread: Unread): Promise<readonly string[]> {
  const entries = (await unlessUnread(listFolder(folder), unread)) ?? []
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort()
}

async function isFolder(path: string, unread: Unread): Promise<boolean> {
  return (await look(path, unread))?.isDirectory() === true
}

function look(path: string, unread: Unread): Promise<Stats | undefined> {
  return unlessUnread(lookAt(path), unread)
}

async function unlessUnread<T>(reading: Promise<T>, unread: Unread): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (!(error instanceof ForeignFileError)) throw error
    unread.push(error.message)
    return undefined
  }
}

function nothingIn(start: string): string {
  const where = `in ${start}, up to ${deepest} folders below it, and above it`
  const what = `no storage of a registry:2 or registry:3 was found: looked for ${wanted}, ${where}`
  return `${what}. Name the folder that rootdirectory: in its config.yml names`
}

/** What can't be read may be the reason. */
function explain(what: string, [first, ...others]: Unread): StorageError {
  if (first === undefined) return new StorageError(what)
  const rest = others.length > 0 ? `, nor can ${others.length} more` : ''
  return new StorageError(`${what}. ${first}${rest}: run it as a user who may read it`)
}

function severalIn(start: string, found: readonly string[]): StorageError {
  const names = found.map((folder) => basename(dirname(dirname(dirname(folder))))).join(', ')
  return new StorageError(`${start} holds several registries' storage (${names}): name one of them`)
}
