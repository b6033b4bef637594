import type { BigIntStats } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
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
    const found = await unlessMissing(stat(path, { bigint: true }))
    if (found && markOf(found) === checked.mark) return checked
  }
  throw new Error(`${path} changes again and again`)
}

async function readThrough(
  path: string,
  digest: Digest,
  options: CheckOptions,
): Promise<CheckedBlob | undefined> {
  const found = await unlessMissing(stat(path, { bigint: true }))
  if (!found) return undefined
  let handle: FileHandle | undefined
  try {
    handle = found.isFile() ? await unlessMissing(open(path, 'r')) : undefined
    return handle ? await hash(handle, digest, options) : describe(found, { code: 'EISDIR' })
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (isUnreadable(error) || code === 'EACCES') return describe(found, { code })
    throw error
  } finally {
    await handle?.close()
  }
}

async function hash(
  handle: FileHandle,
  digest: Digest,
  { contentUpTo = -1, ...options }: CheckOptions,
): Promise<CheckedBlob> {
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
    return { ...describe(found), content: isWanted ? Buffer.concat(pieces) : undefined }
  } catch (error) {
    if (error instanceof DigestMismatchError) return describe(found, 'wrong')
    throw error
  }
}

function describe(found: BigIntStats, fault?: CheckedBlob['fault']): CheckedBlob {
  const { size, mtimeMs } = found
  const writtenAt = Number(mtimeMs)
  return { sizeBytes: Number(size), writtenAt, mark: markOf(found), fault }
}
