/**
 * Whether a chunk is all that its memory holds, so that the memory may be given away with it. What is a
 * part of something larger has other owners.
 */
export function ownsMemory<Chunk extends Uint8Array>(
  chunk: Chunk,
): chunk is Chunk & { readonly buffer: ArrayBuffer } {
  const { buffer, byteLength } = chunk
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
}

/**
 * Frees the memory of chunks that nobody needs any more. The collector counts it, frees it only as it
 * runs, and so would run in full for every few MiB that come.
 */
export function freeMemory(chunks: readonly Uint8Array[]): void {
  for (const chunk of chunks) {
    if (ownsMemory(chunk)) chunk.buffer.transfer(0)
  }
}
