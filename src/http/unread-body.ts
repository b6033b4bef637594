import type { IncomingMessage, ServerResponse } from 'node:http'

/** Of a body so short the rest is read, and the connection goes on. */
const maxShortBytes = 256 * 1024
/** Of a longer one so much, before the connection is closed. */
const maxReadBytes = 4 * 1024 * 1024
const lingerMs = 2_000

/**
 * Whether the client is still sending, and for longer than a connection is worth. A body that has no
 * length may be of any.
 */
export function isStillSending({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false
  if (headers['transfer-encoding'] !== undefined) return true
  return Number(headers['content-length'] ?? 0) > maxShortBytes
}

/**
 * Reads what is still to come of a short body, before an answer that doesn't need it. Who is answered in the
 * middle of it may never tell of the answer: containerd reports a closed pipe then, and no denial.
 */
export async function readShortRest(incoming: IncomingMessage): Promise<void> {
  const { complete, destroyed, headers } = incoming
  const isNone = Number(headers['content-length'] ?? 0) === 0
  if (complete || destroyed || isNone || isStillSending(incoming)) return
  await new Promise<void>((resolve) => {
    const end = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(end, lingerMs)
    incoming.on('error', end).on('end', end).on('close', end)
    incoming.resume()
  })
}

/**
 * Sends the last of an answer to a client that is still sending, and closes the connection only once the
 * client had time to read it: at once, what it sends on would reset the connection, and the client might
 * never see the answer. The answer bears Connection: close and its length.
 */
export function endLater(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  body: string | Uint8Array | undefined,
): void {
  if (body === undefined || body.length === 0) outgoing.flushHeaders()
  else outgoing.write(body)
  const end = () => {
    clearTimeout(timer)
    outgoing.end()
  }
  const timer = setTimeout(end, lingerMs)
  let bytes = 0
  incoming
    .on('data', (chunk: Uint8Array) => {
      bytes += chunk.length
      // From here on the client waits, until it reads the answer or the time is over.
      if (bytes > maxReadBytes) incoming.pause()
    })
    .on('error', end)
    .on('end', end)
  outgoing.on('close', end)
  incoming.resume()
}
