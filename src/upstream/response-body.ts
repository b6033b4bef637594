import type { Readable } from 'node:stream'

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError'
}

/** Reads a body into memory; throws BodyTooLargeError, and ends the connection, beyond `maxBytes`. */
export async function readBody(body: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) throw new BodyTooLargeError(`more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, length)
}

/** Lets go of a body that nobody wants, so that its connection is free again. */
export async function discardBody(body: Readable & { dump?: () => Promise<void> }): Promise<void> {
  if (body.dump) await body.dump()
  else body.destroy()
}
