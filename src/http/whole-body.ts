import type { IncomingMessage } from 'node:http'
import { maxManifestBytes } from '../oci/manifest.ts'
import { RegistryError } from '../oci/registry-error.ts'

/** A manifest as it was sent. Throws RegistryError where it is larger than any may be. */
export async function readManifest(incoming: IncomingMessage): Promise<Buffer> {
  return readBody(incoming, { maxBytes: maxManifestBytes, tooLarge })
}

/** Of bodies that have come in part, of this thread: clients that stall hold no more. */
const mostPartlyReadBytes = 64 * 1024 * 1024
/** Those that aren't larger are read also then: nearly all manifests are. */
const smallBytes = 256 * 1024

const partlyRead = { bytes: 0 }

type Limit = { readonly maxBytes: number; readonly tooLarge: () => RegistryError }

/**
 * A body that is whole in memory, however it is framed. Throws `tooLarge` as soon as it is, and
 * RegistryError TOOMANYREQUESTS for a larger one where too much is being read already.
 */
export async function readBody(
  incoming: IncomingMessage,
  { maxBytes, tooLarge }: Limit,
): Promise<Buffer> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of chunksOf(incoming)) {
      bytes += chunk.length
      partlyRead.bytes += chunk.length
      if (bytes > maxBytes) throw tooLarge()
      if (bytes > smallBytes && partlyRead.bytes > mostPartlyReadBytes) throw crowded()
      chunks.push(chunk)
    }
    return Buffer.concat(chunks, bytes)
  } finally {
    partlyRead.bytes -= bytes
  }
}

function crowded(): RegistryError {
  const what = `${mostPartlyReadBytes / 1024 / 1024} MiB of manifests are on their way at once: send this one again in a moment`
  return new RegistryError('TOOMANYREQUESTS', what, { retryAfterSeconds: 1, isHosted: true })
}

/** Whoever stops in the middle can still answer: the connection stays as it is. */
function chunksOf(incoming: IncomingMessage): AsyncIterable<Uint8Array> {
  return incoming.iterator({ destroyOnReturn: false })
}

function tooLarge(): RegistryError {
  const what = `the manifest has more than ${maxManifestBytes / 1024 / 1024} MiB, the most that is taken: move large annotations and data into layers`
  return new RegistryError('MANIFEST_INVALID', what, { status: 413 })
}
