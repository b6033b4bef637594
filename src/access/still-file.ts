import { readFile, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

const settleMs = 100
const maxLooks = 10

/** A file as it lay still, or that there is none. */
export type StillFile = {
  /** Changes with the file. */
  readonly print: string
  /** Undefined where there is no file. */
  readonly text: string | undefined
}

/**
 * What tells that the file changed without reading it: through links, by inode, times and size. Two passwords'
 * hashes are of one size, and tools that copy a file keep the time of its content; but not that of its change.
 */
export async function fingerprint(file: string): Promise<string> {
  const status = await find(file)
  if (!status) return 'missing'
  const { ino, mtimeNs, ctimeNs, size } = status
  return `${ino} ${mtimeNs} ${ctimeNs} ${size}`
}

/**
 * Reads it once two looks have seen the same, for others write to it in place, or take it away before they put
 * another there: half of it can be valid. `seen` is what an earlier look saw. Undefined while it keeps
 * changing.
 */
export async function readStill(
  file: string,
  seen: string | undefined,
  maxBytes: number,
): Promise<StillFile | undefined> {
  let before = seen
  for (let look = 0; look < maxLooks; look++) {
    const print = await fingerprint(file)
    if (print === before) {
      const text = await read(file, maxBytes)
      if ((await fingerprint(file)) === print) return { print, text }
    }
    before = print
    await delay(settleMs)
  }
  return undefined
}

/** Throws for what isn't a file: to read it might never end. */
async function read(file: string, maxBytes: number): Promise<string | undefined> {
  const status = await find(file)
  if (!status) return undefined
  if (!status.isFile()) throw new Error('it is no plain file')
  if (status.size > maxBytes)
    throw new Error(`it has ${status.size} bytes, and at most ${maxBytes} are wanted`)
  return readFile(file, 'utf8')
}

async function find(file: string) {
  try {
    return await stat(file, { bigint: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
