import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { unlessMissing } from './unless-missing.ts'

const bytes = 32

/** 32 bytes that nobody else knows: read from the file, or made, whole or not at all, for its owner's eyes only. */
export async function openSecret(file: string): Promise<Buffer> {
  const known = await unlessMissing(readFile(file))
  if (known?.length === bytes) return known
  const secret = randomBytes(bytes)
  const draft = `${file}.new`
  await rm(draft, { force: true })
  await writeNew(draft, secret)
  await rename(draft, file)
  return secret
}

async function writeNew(file: string, content: Buffer): Promise<void> {
  await using handle = await open(file, 'wx', 0o600)
  await handle.writeFile(content)
  await handle.sync()
}
