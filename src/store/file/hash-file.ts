import type { FileHandle } from 'node:fs/promises'
import type { Hashing } from './growing-file.ts'

type Reading = {
  readonly handle: FileHandle
  readonly hash: Hashing
  readonly signal?: AbortSignal | undefined
  /** Called before each piece with its bytes, and waited for. */
  readonly pace?: ((bytes: number) => Promise<void>) | undefined
}

const pieceBytes = 1024 * 1024

/**
 * Shows the first `sizeBytes` of a file to a hash, in pieces: requests are served between them. Gives
 * how many bytes there were.
 */
export async function hashUpTo(
  sizeBytes: number,
  { handle, hash, signal, pace }: Reading,
): Promise<number> {
  const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, sizeBytes))
  let position = 0
  while (position < sizeBytes) {
    signal?.throwIfAborted()
    const wanted = Math.min(buffer.length, sizeBytes - position)
    await pace?.(wanted)
    const { bytesRead } = await handle.read(buffer, 0, wanted, position)
    if (bytesRead === 0) break
    hash.update(buffer.subarray(0, bytesRead))
    position += bytesRead
  }
  return position
}
