import type { IncomingMessage } from 'node:http'
import { finished } from 'node:stream/promises'
import { maxManifestBytes } from '../oci/manifest.ts'
import { RegistryError } from '../oci/registry-error.ts'
import { BodyPace } from './body-pace.ts'
import { memoryOf } from './chunk-memory.ts'

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
 * RegistryError TOOMANYREQUESTS for a larger one where too much is being read already, or one as 408 for
 * one that comes too slowly.
 */
export async function readBody(
  incoming: IncomingMessage,
  { maxBytes, tooLarge }: Limit,
): Promise<Buffer> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) throw tooLarge()
  const read = new PartlyRead()
  const failing = new AbortController()
  const { signal } = failing
  const fail = (error: RegistryError) => failing.abort(error)
  const pace = new BodyPace(fail)
  const take = (chunk: Uint8Array) => {
    pace.note(chunk.length)
    read.add(chunk)
    if (read.bytes > maxBytes) fail(tooLarge())
    else if (read.isCrowded) fail(crowded())
  }
  incoming.on('data', take)
  try {
    await finished(incoming, { writable: false, signal, cleanup: true })
    return read.join()
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    pace.end()
    incoming.off('data', take)
    read.free()
  }
}

/** What has come of a body. */
class PartlyRead {
  #chunks: Uint8Array[] = []
  #memory = 0
  bytes = 0

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk)
    this.bytes += chunk.length
    this.#memory += memoryOf(chunk)
    partlyRead.bytes += memoryOf(chunk)
  }

  get isCrowded(): boolean {
    return this.#memory > smallBytes && partlyRead.bytes > mostPartlyReadBytes
  }

  join(): Buffer {
    return Buffer.concat(this.#chunks, this.bytes)
  }

  free(): void {
    this.#chunks = []
    partlyRead.bytes -= this.#memory
  }
}

function crowded(): RegistryError {
  const what = `${mostPartlyReadBytes / 1024 / 1024} MiB of manifests are on their way at once: send this one again in a moment`
  return new RegistryError('TOOMANYREQUESTS', what, { retryAfterSeconds: 1, isHosted: true })
}

function tooLarge(): RegistryError {
  const what = `the manifest has more than ${maxManifestBytes / 1024 / 1024} MiB, the most that is taken: move large annotations and data into layers`
  return new RegistryError('MANIFEST_INVALID', what, { status: 413 })
}
