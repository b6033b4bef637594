/** What Node needs for a piece of a body besides its bytes. */
const chunkBytes = 256

/** What a piece of a body takes: a client may send it byte by byte. */
export function memoryOf({ length }: Uint8Array): number {
  return length + chunkBytes
}
