import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

// What a data folder holds, read as anyone could: no part of the server is asked.

/** The digests of the files under `blobs/`, as they are named. */
export const listBlobs = async (data: string): Promise<readonly string[]> => {
  const folder = join(data, 'blobs')
  const algorithms = await readdir(folder)
  const lists = algorithms.map(async (algorithm) => {
    const names = await readdir(join(folder, algorithm))
    return names.map((name) => `${algorithm}:${name}`)
  })
  return (await Promise.all(lists)).flat()
}

/** Those whose file doesn't hold what its name says. */
export const findWrongBlobs = async (data: string): Promise<readonly string[]> => {
  const wrong: string[] = []
  for (const digest of await listBlobs(data)) {
    const [algorithm = '', hex = ''] = digest.split(':')
    const hash = createHash(algorithm)
    await pipeline(createReadStream(blobFile(data, digest)), hash)
    if (hash.digest('hex') !== hex) wrong.push(digest)
  }
  return wrong
}

export const isKept = (data: string, digest: string): boolean => existsSync(blobFile(data, digest))

export const listPartials = (data: string): Promise<readonly string[]> =>
  readdir(join(data, 'partial'))

/** How much of unfinished fetches has arrived, in bytes. */
export const sizeOfPartials = async (data: string): Promise<number> => {
  const names = await listPartials(data)
  const sizes = names.map(async (name) => {
    // It may be finished, and have moved on, by now.
    const found = await stat(join(data, 'partial', name)).catch(() => undefined)
    return found?.size ?? 0
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

const blobFile = (data: string, digest: string): string => join(data, 'blobs', ...digest.split(':'))
