import type { BigIntStats } from 'node:fs'
import { type FileHandle, lstat, open, stat } from 'node:fs/promises'
import type { Digest } from '../../oci/digest.ts'
import { DigestCheck, DigestMismatchError } from '../../oci/digest-check.ts'
import type { CheckedBlob, CheckOptions } from '../blob-store.ts'
import { markOf } from './file-mark.ts'
import { hashUpTo } from './hash-file.ts'
import { unlessMissing } from './unless-missing.ts'
import { isUnreadable } from './unreadable.ts'

/** Between two tries a file may be replaced, but hardly each time. */
const maxTries = 5

/** See BlobStore.check. What is replaced or written to meanwhile is read once more. */
export async function checkFile(
  path: string,
  digest: Digest,
  options: CheckOptions,
): Promise<CheckedBlob | undefined> {
  for (let tries = 0; tries < maxTries; tries++) {
    const checked = await readThrough(path, digest, options)
    if (checked?.fault === undefined) return checked
    if ((await look(path))?.mark === checked.mark) return checked
  }
  throw new Error(`${path} changes again and again`)
}

async function readThrough(
  path: string,
  digest: Digest,
  options: CheckOptions,
): Promise<CheckedBlob | undefined> {
  const found = await look(path)
  if (!found || found.fault !== undefined) return found
  let handle: FileHandle | undefined
  try {
    handle = await unlessMissing(open(path, 'r'))
    return handle && { ...(await hash(handle, digest, options)), mark: found.mark }
  } catch (error) {
    return { ...found, fault: unreadable(error) }
  } finally {
    await handle?.close()
  }
}

/** Without reading it; undefined if it isn't there. Its mark is its own, also where it is a link. */
async function look(path: string): Promise<CheckedBlob | undefined> {
  let mark = ''
  try {
    const itself = await unlessMissing(lstat(path, { bigint: true }))
    if (!itself) return undefined
    mark = markOf(itself)
    const found = await unlessMissing(stat(path, { bigint: true }))
    if (!found) return undefined
    return { ...describe(found), mark, fault: found.isFile() ? undefined : { code: 'EISDIR' } }
  } catch (error) {
    return { sizeBytes: 0, writtenAt: 0, mark, fault: unreadable(error) }
  }
}

/** Throws what isn't the file's fault. */
function unreadable(error: unknown): { readonly code: string } {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (isUnreadable(error) || code === 'EACCES') return { code }
  throw error
}

async function hash(
  handle: FileHandle,
  digest: Digest,
  { contentUpTo = -1, ...options }: CheckOptions,
): Promise<Omit<CheckedBlob, 'mark'>> {
  const check = new DigestCheck(digest)
  const found = await handle.stat({ bigint: true })
  const pieces: Buffer[] = []
  const isWanted = found.size <= contentUpTo
  const update = (bytes: Uint8Array) => {
    check.update(bytes)
    if (isWanted) pieces.push(Buffer.from(bytes))
  }
  await hashUpTo(Number(found.size), { handle, hash: { update }, ...options })
  try {
    check.verify()
    const content = isWanted ? Buffer.concat(pieces) : undefined
    return { ...describe(found), fault: undefined, content }
  } catch (error) {
    if (error instanceof DigestMismatchError) return { ...describe(found), fault: 'wrong' }
    throw error
  }
}

function describe({ size, mtimeMs }: BigIntStats) {
  return { sizeBytes: Number(size), writtenAt: Number(mtimeMs) }
}
