import { appendFile, link, lstat, mkdir, opendir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { inodeOf, markOf } from './file-mark.ts'
import { syncFile } from './sync-file.ts'
import { unlessMissing } from './unless-missing.ts'

type Taken = {
  readonly path: string
  /** What it was called; it is found again under that. */
  readonly name: string
  readonly why: string
  /** Of what was found wrong; anything else that lies there by now is left alone. */
  readonly mark?: string | undefined
}

type Wanted = Pick<Taken, 'path' | 'name'> & {
  readonly isRight: (path: string) => Promise<boolean>
}

/** With the time behind it, no longer than what file systems take. Digests are shorter. */
const longestName = 200

/**
 * Files that turned out wrong: moved here by rename, never deleted, so that somebody may still look at
 * them. `why.txt` has a line for each.
 */
export class Quarantine {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** False if it isn't there, or another is. */
  async take({ path, name, why, mark }: Taken): Promise<boolean> {
    const found = await unlessMissing(lstat(path, { bigint: true }))
    if (!found || (mark !== undefined && markOf(found) !== mark)) return false
    await mkdir(this.#folder, { recursive: true })
    const time = new Date().toISOString()
    const own = `${prefixOf(name)}${time.replaceAll(':', '')}`
    const target = join(this.#folder, own)
    const moved = await unlessMissing(rename(path, target).then(() => true))
    if (!moved) return false
    if (mark !== undefined && !(await isStillOf(target, mark))) {
      await putBack(target, path)
      return false
    }
    // It is out of the way, which counts; a full disk takes no line.
    await appendFile(join(this.#folder, 'why.txt'), `${time} ${own}: ${why}\n`).catch(ignore)
    return true
  }

  /** The first that is right, in place of whatever lies there. */
  async giveBack({ path, name, isRight }: Wanted): Promise<boolean> {
    const entries = await unlessMissing(opendir(this.#folder))
    for await (const entry of entries ?? []) {
      const taken = join(this.#folder, entry.name)
      if (!entry.name.startsWith(prefixOf(name)) || !(await isRight(taken))) continue
      await rename(taken, path)
      await syncFile(dirname(path))
      return true
    }
    return false
  }
}

/** Of what is called so here. */
function prefixOf(name: string): string {
  return `${name.replaceAll(/[^\w.-]/g, '-').slice(0, longestName)}.`
}

/** Between the look and the move somebody may have put a good one there. */
async function isStillOf(path: string, mark: string): Promise<boolean> {
  const { ino } = await lstat(path, { bigint: true })
  return String(ino) === inodeOf(mark)
}

function ignore(): void {}

/** Unless there is a third one by now, which is as good. */
async function putBack(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  await rm(from)
}
