import { randomBytes, timingSafeEqual } from 'node:crypto'
import { chmod, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

const fileName = 'operator.key'
const pattern = /^entrepot_operator_[\w-]{43}$/
const forOthers = 0o077

/**
 * The key of whoever operates the server, which commands read from the data folder to be known by: who can read
 * that folder may do everything to it anyway. Made where it is missing, for its owner's eyes only. Where it can't
 * be read or made, as on a full disk, the server still serves, and hears of nobody as its operator:
 * `onProblem` is told.
 */
export async function openOperatorKey(
  folder: string,
  onProblem: (problem: string) => void,
): Promise<string> {
  try {
    const known = await readOperatorKey(folder)
    if (known === undefined) return await makeKey(folder)
    await keepFromOthers(join(folder, fileName))
    return known
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    onProblem(
      `no command can operate this server until it is started again, since ${fileName} in the data folder can't be used: ${why}`,
    )
    return newKey()
  }
}

/** Undefined where there is none. Throws where it may not be read. */
export async function readOperatorKey(folder: string): Promise<string | undefined> {
  try {
    const text = (await readFile(join(folder, fileName), 'utf8')).trim()
    return pattern.test(text) ? text : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** In constant time. */
export function isOperatorKey(text: string, key: string): boolean {
  const [one, other] = [Buffer.from(text), Buffer.from(key)]
  return one.length === other.length && timingSafeEqual(one, other)
}

function newKey(): string {
  return `entrepot_operator_${randomBytes(32).toString('base64url')}`
}

/** Takes the place of what is no key, whole or not at all. */
async function makeKey(folder: string): Promise<string> {
  const file = join(folder, fileName)
  const draft = `${file}.new`
  const key = newKey()
  await rm(draft, { force: true })
  await writeNew(draft, `${key}\n`)
  await rename(draft, file)
  return key
}

async function writeNew(file: string, text: string): Promise<void> {
  await using handle = await open(file, 'wx', 0o600)
  await handle.writeFile(text)
  await handle.sync()
}

async function keepFromOthers(file: string): Promise<void> {
  const { mode } = await stat(file)
  if ((mode & forOthers) !== 0) await chmod(file, mode & 0o700)
}
