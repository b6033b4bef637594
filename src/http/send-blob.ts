import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { BlobPull, OpenedRange } from '../mirror/blob-pull.ts'
import type { BlobContent, Part } from './blob-content.ts'
import type { BufferPool } from './buffer-pool.ts'
import type { RequestContext } from './environment.ts'
import { ClientGoneError, streamBlob, writeOut } from './stream-blob.ts'
import { endLater, isStillSending } from './unread-body.ts'

type Sending = BlobContent & {
  readonly buffers: BufferPool
  /** Headers that depend on how the content comes about. */
  readonly headersFor: (cache: string) => Readonly<Record<string, string>>
}

/**
 * Sends a blob or parts of it. The first part is opened before the head goes out, while a failure
 * can still be told. Afterwards, what can't be sent whole breaks the connection, so that no client
 * takes it for whole; clients then resume with Range.
 */
export async function sendBlob(
  c: RequestContext,
  pull: BlobPull,
  { status, headers, headersFor, contentLength, parts, closing, buffers }: Sending,
): Promise<Response> {
  const { incoming, outgoing } = c.env
  const facts = c.get('facts')
  const [first, ...others] = parts
  const isOnly = others.length === 0
  const opened = first && (await pull.openRange(first.range, { isOnly }))
  facts.cache = opened?.cache ?? pull.cache
  if (facts.asked) facts.asked = { ...facts.asked, sizeBytes: contentLength }
  const length = { 'Content-Length': String(contentLength) }
  const isEarly = isStillSending(incoming)
  const connection = isEarly ? { Connection: 'close' } : {}
  outgoing.writeHead(status, { ...headersFor(facts.cache), ...headers, ...length, ...connection })
  // What is kept follows at once; else the first byte may take a while, and a client gives up.
  if (facts.cache !== 'hit') outgoing.flushHeaders()
  try {
    if (first && opened) await sendPart(c, first, { ...opened, buffers })
    for (const part of others) {
      await sendPart(c, part, { ...(await pull.openRange(part.range, { isOnly })), buffers })
    }
    if (closing) await writeOut(outgoing, Buffer.from(closing))
    if (isEarly) endLater(incoming, outgoing, undefined)
    else outgoing.end()
  } catch (error) {
    if (!(error instanceof ClientGoneError)) facts.error = describe(error)
    outgoing.destroy()
  }
  return RESPONSE_ALREADY_SENT
}

async function sendPart(
  c: RequestContext,
  { range, preamble }: Part,
  { reader, buffers }: OpenedRange & Pick<Sending, 'buffers'>,
): Promise<void> {
  const { outgoing } = c.env
  const facts = c.get('facts')
  try {
    if (preamble) await writeOut(outgoing, Buffer.from(preamble))
    await streamBlob(outgoing, reader, {
      range,
      buffers,
      onBytes: (count) => {
        facts.bytes += count
      },
    })
  } finally {
    await reader.close()
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
