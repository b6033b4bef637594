import type { ServerResponse } from 'node:http'
import type { BlobPull } from '../mirror/blobs.ts'
import type { ByteRange } from '../oci/byte-range.ts'
import type { RequestFacts } from './environment.ts'
import { ClientGoneError, streamBlob, writeOut } from './stream-blob.ts'

type Part = { readonly range: ByteRange; readonly preamble?: string }

type Parts = {
  readonly parts: readonly Part[]
  readonly closing?: string
  readonly facts: RequestFacts
}

/**
 * Sends the body of an answer whose head is written. If it can't be sent whole the connection is
 * broken, so that no client takes it for whole; clients then resume with Range.
 */
export async function sendParts(
  outgoing: ServerResponse,
  pull: BlobPull,
  { parts, closing, facts }: Parts,
): Promise<void> {
  try {
    for (const part of parts) await sendPart(outgoing, pull, { part, facts })
    if (closing) await writeOut(outgoing, Buffer.from(closing))
    outgoing.end()
  } catch (error) {
    if (!(error instanceof ClientGoneError)) facts.error = describe(error)
    outgoing.destroy()
  }
}

async function sendPart(
  outgoing: ServerResponse,
  pull: BlobPull,
  { part, facts }: { part: Part; facts: RequestFacts },
): Promise<void> {
  const { range, preamble } = part
  if (preamble) await writeOut(outgoing, Buffer.from(preamble))
  if (range.start > range.end) return
  const { reader, cache } = await pull.openRange(range)
  facts.cache = cache
  try {
    await streamBlob(outgoing, reader, {
      range,
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
