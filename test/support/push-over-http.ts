import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { ociManifest } from '../../src/oci/media-type.ts'
import { digestOf } from './image-builder.ts'
import { ask, OpenReply, type Reply } from './raw-client.ts'

type Target = { readonly port: number }

/** Begins an upload, and gives the path at which it goes on. */
export const beginUpload = async (server: Target, repository: string): Promise<string> => {
  const reply = await ask(server, `/v2/${repository}/blobs/uploads/`, { method: 'POST' })
  if (reply.status === 202) return String(reply.headers.location)
  throw new Error(`an upload couldn't be begun: ${reply.status} ${reply.body}`)
}

/** Sends a part that begins at `start`. */
export const sendChunk = (
  server: Target,
  upload: string,
  { start, body }: { readonly start: number; readonly body: Buffer },
): Promise<Reply> => {
  const headers = { 'content-range': `${start}-${start + body.length - 1}` }
  return ask(server, upload, { method: 'PATCH', headers, body })
}

/** Ends the upload with the last of its content. */
export const endUpload = (
  server: Target,
  upload: string,
  { digest, body = Buffer.alloc(0) }: { readonly digest: string; readonly body?: Buffer },
): Promise<Reply> => ask(server, `${upload}?digest=${digest}`, { method: 'PUT', body })

/** Pushes a blob in two requests, and gives the last answer. */
export const pushBlob = async (server: Target, repository: string, body: Buffer): Promise<Reply> =>
  endUpload(server, await beginUpload(server, repository), { digest: digestOf(body), body })

/** Pushes a manifest of these two under the tag. */
export const pushManifest = (
  server: Target,
  { repository, tag }: { readonly repository: string; readonly tag: string },
  { config, layer }: { readonly config: Buffer; readonly layer: Buffer },
): Promise<Reply> => {
  const describe = (mediaType: string, bytes: Buffer) => {
    return { mediaType, digest: digestOf(bytes), size: bytes.length }
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: ociManifest,
    config: describe('application/vnd.oci.image.config.v1+json', config),
    layers: [describe('application/vnd.oci.image.layer.v1.tar', layer)],
  }
  const headers = { 'content-type': ociManifest }
  const body = JSON.stringify(manifest)
  return ask(server, `/v2/${repository}/manifests/${tag}`, { method: 'PUT', headers, body })
}

/** A PATCH whose sender takes its time; without a length, as docker sends it. */
export class SlowPatch {
  readonly #request: ClientRequest
  readonly #answered: Promise<OpenReply | undefined>

  constructor({ port }: Target, path: string) {
    const options = { host: '127.0.0.1', port, path, method: 'PATCH', agent: false }
    this.#request = request(options)
    this.#request.flushHeaders()
    this.#answered = once(this.#request, 'response').then(
      ([incoming]) => new OpenReply(incoming as IncomingMessage),
      () => undefined,
    )
  }

  write(bytes: Buffer): void {
    this.#request.write(bytes)
  }

  /** Nothing more comes; undefined if the connection broke. */
  async end(): Promise<Reply | undefined> {
    this.#request.end()
    return (await this.#answered)?.finish()
  }

  /** Breaks the connection in the middle. */
  async leave(): Promise<void> {
    this.#request.destroy()
    await this.#answered
  }
}
