import { randomBytes, timingSafeEqual } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const fileName = 'operator.key'
const pattern = /^entrepot_operator_[\w-]{43}$/

/**
 * The key of whoever operates the server, which commands read from the data folder to be known by: who can read
 * that folder may do everything to it anyway. Made where it is missing, for its owner's eyes only.
 */
export async function openOperatorKey(folder: string): Promise<string> {
  const known = await readOperatorKey(folder)
  if (known !== undefined) return known
  const key = `entrepot_operator_${randomBytes(32).toString('base64url')}`
  await using file = await open(join(folder, fileName), 'w', 0o600)
  // One that was there, and wasn't right, may have been anybody's to read.
  await file.chmod(0o600)
  await file.writeFile(`${key}\n`)
  await file.sync()
  return key
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
