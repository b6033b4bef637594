import type { IncomingMessage } from 'node:http'
import { maxManifestBytes } from '../oci/manifest.ts'
import { RegistryError } from '../oci/registry-error.ts'

type Sink = { append(chunks: readonly Uint8Array[]): Promise<void> }

/** So much is written at once, while as much comes. */
const batchBytes = 1024 * 1024

/**
 * Appends what the client sends, as it comes; no more than two batches are in memory. Where the client
 * leaves in the middle it throws, and what had come by then is appended.
 */
export async function appendBody(incoming: IncomingMessage, sink: Sink): Promise<void> {
  let batch: Uint8Array[] = []
  let bytes = 0
  let writing: Promise<void> = Promise.resolve()
  const flush = async () => {
    await writing
    writing = sink.append(batch)
    // Whoever awaits it hears of it.
    writing.catch(ignore)
    batch = []
    bytes = 0
  }
  try {
    for await (const chunk of chunksOf(incoming)) {
      batch.push(chunk)
      bytes += chunk.length
      if (bytes >= batchBytes) await flush()
    }
  } finally {
    if (bytes > 0) await flush()
    await writing
  }
}

/** A manifest as it was sent. Throws RegistryError where it is larger than any may be. */
export async function readManifest(incoming: IncomingMessage): Promise<Buffer> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxManifestBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunksOf(incoming)) {
    bytes += chunk.length
    if (bytes > maxManifestBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}

/** Whoever stops in the middle can still answer: the connection stays as it is. */
function chunksOf(incoming: IncomingMessage): AsyncIterable<Uint8Array> {
  return incoming.iterator({ destroyOnReturn: false })
}

function tooLarge(): RegistryError {
  const what = `the manifest has more than ${maxManifestBytes / 1024 / 1024} MiB, the most that is taken: move large annotations and data into layers`
  return new RegistryError('MANIFEST_INVALID', what, { status: 413 })
}

function ignore(): void {}
