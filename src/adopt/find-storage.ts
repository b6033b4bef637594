import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

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

/**
 * Finds the storage of a registry:2 or registry:3 in what its rootdirectory is, or in a folder somewhat
 * above or below it. Throws StorageError.
 */
export async function findStorage(named: string): Promise<FoundStorage> {
  const start = resolve(named)
  if (!(await isFolder(start))) throw new StorageError(`${start} is no folder`)
  const folder = (await findHere(start)) ?? (await findBelow(start))
  if (folder === undefined) throw nothingIn(start)
  return { folder, isProxy: await isFile(join(folder, '..', '..', '..', schedule)) }
}

/** In the folder itself, or around it where it is a part of one. */
async function findHere(start: string): Promise<string | undefined> {
  const parts = ['.', 'v2', join('registry', 'v2'), layout]
  for (const part of parts) if (await isStorage(join(start, part))) return join(start, part)
  for (let above = start; above !== dirname(above); above = dirname(above)) {
    if (above.endsWith(layout) && (await isStorage(above))) return above
  }
  return undefined
}

async function findBelow(start: string): Promise<string | undefined> {
  let level = [start]
  let left = mostFolders
  for (let depth = 1; depth <= deepest && level.length > 0; depth++) {
    const next: string[] = []
    const found: string[] = []
    for (const folder of level) {
      for (const inner of await listFolders(folder)) {
        if (left-- <= 0) return undefined
        next.push(inner)
        if (await isStorage(join(inner, layout))) found.push(join(inner, layout))
      }
    }
    if (found.length > 1) throw severalIn(start, found)
    if (found[0] !== undefined) return found[0]
    level = next
  }
  return undefined
}

/** A registry that nothing was pushed to yet has made neither. */
async function isStorage(folder: string): Promise<boolean> {
  return (await isFolder(join(folder, 'repositories'))) && (await isFolder(join(folder, 'blobs')))
}

async function listFolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort()
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true
}

function nothingIn(start: string): StorageError {
  const where = `in ${start}, up to ${deepest} folders below it, and above it`
  const what = `no storage of a registry:2 or registry:3 was found: looked for ${wanted}, ${where}`
  return new StorageError(`${what}. Name the folder that rootdirectory: in its config.yml names`)
}

function severalIn(start: string, found: readonly string[]): StorageError {
  const names = found.map((folder) => basename(dirname(dirname(dirname(folder))))).join(', ')
  return new StorageError(`${start} holds several registries' storage (${names}): name one of them`)
}
