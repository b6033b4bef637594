import type { Readable } from 'node:stream'

export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError'
}

/** More than this isn't read to get a connection back: a new one is cheaper. */
const maxDiscardedBytes = 128 * 1024
/** Nor waited for: somebody may be waiting for what its head has said. */
const discardDeadlineMs = 500

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

type Discardable = Readable & {
  dump?: (options: { limit: number; signal: AbortSignal }) => Promise<void>
}

/** Lets go of a body that nobody wants, so that its connection is free again. It never fails. */
export async function discardBody(body: Discardable): Promise<void> {
  // A body that breaks off or never ends has nothing to say that anybody wants to hear.
  const limits = { limit: maxDiscardedBytes, signal: AbortSignal.timeout(discardDeadlineMs) }
  await body.dump?.(limits).catch(() => {})
  body.on('error', () => {}).destroy()
}
