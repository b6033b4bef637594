import { constants } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import type { Digest } from '../../oci/digest.ts'
import { DigestCheck } from '../../oci/digest-check.ts'
import { hashUpTo } from './hash-file.ts'

/** A file under `partial/`; `check` has seen its first `writtenBytes` bytes, and it has no others. */
export type PartialContent = {
  readonly handle: FileHandle
  readonly check: DigestCheck
  readonly writtenBytes: number
}

const mode = 0o644
/** Never truncated, and never somewhere else, behind a link. */
const resumeFlags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW

/** Not the leftover's fault: it may be read another time. */
const otherFaults = ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC', 'EDQUOT', 'EROFS', 'ENOENT']

/** Makes the file, which must not be there. */
export async function createContent(path: string, digest: Digest): Promise<PartialContent> {
  const handle = await open(path, 'wx+', mode)
  return { handle, check: new DigestCheck(digest), writtenBytes: 0 }
}

/** Goes on with the file, or makes it; one that can't be read is removed and made anew. */
export async function resumeContent(
  path: string,
  digest: Digest,
  signal?: AbortSignal,
): Promise<PartialContent> {
  try {
    return await readLeftover(path, digest, signal)
  } catch (error) {
    signal?.throwIfAborted()
    if (otherFaults.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    await rm(path, { recursive: true, force: true })
    return createContent(path, digest)
  }
}

async function readLeftover(
  path: string,
  digest: Digest,
  signal: AbortSignal | undefined,
): Promise<PartialContent> {
  const handle = await open(path, resumeFlags, mode)
  try {
    const found = await handle.stat()
    if (!found.isFile()) throw new Error(`${path} is no file`)
    const check = new DigestCheck(digest)
    const writtenBytes = await hashUpTo(found.size, { handle, hash: check, signal })
    await handle.truncate(writtenBytes)
    return { handle, check, writtenBytes }
  } catch (error) {
    await handle.close()
    throw error
  }
}
