import { manifestMediaType } from '../image.ts'
import { type BlobBody, bodyOf } from './blob-bodies.ts'
import { type Answer, PushConnection, type Request } from './push-connection.ts'

const configMediaType = 'application/vnd.oci.image.config.v1+json'
const layerMediaType = 'application/vnd.oci.image.layer.v1.tar'

/** Pushes to one repository over one connection, as docker does. */
export class Pusher {
  readonly #connection: PushConnection
  readonly #origin: string
  readonly #repositoryPath: string
  requests = 0

  constructor(origin: string, repository: string) {
    this.#origin = origin
    this.#connection = new PushConnection(origin)
    this.#repositoryPath = `/v2/${repository}`
  }

  /** An upload that is begun, written by one streamed PATCH, and ended with its digest. */
  async pushBlob({ digest, framed }: BlobBody): Promise<void> {
    const begun = await this.#ask(202, {
      method: 'POST',
      path: `${this.#repositoryPath}/blobs/uploads/`,
      headers: { 'Content-Length': '0' },
    })
    const written = await this.#ask(202, {
      method: 'PATCH',
      path: this.#readLocation(begun).href,
      headers: {
        'Content-Type': 'application/octet-stream',
        'Transfer-Encoding': 'chunked',
      },
      body: framed,
    })
    const end = this.#readLocation(written)
    end.searchParams.set('digest', digest)
    await this.#ask(201, { method: 'PUT', path: end.href, headers: { 'Content-Length': '0' } })
  }

  /** A config and a manifest that make an image of layers that were pushed. */
  async pushImage(...layers: readonly BlobBody[]): Promise<void> {
    const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) }
    const config = toJson({ architecture: 'amd64', os: 'linux', rootfs })
    const configBody = bodyOf(config)
    await this.pushBlob(configBody)
    const manifest = toJson({
      schemaVersion: 2,
      mediaType: manifestMediaType,
      config: { mediaType: configMediaType, digest: configBody.digest, size: config.length },
      layers: layers.map(({ digest, size }) => ({ mediaType: layerMediaType, digest, size })),
    })
    await this.#ask(201, {
      method: 'PUT',
      path: `${this.#repositoryPath}/manifests/latest`,
      headers: { 'Content-Type': manifestMediaType, 'Content-Length': `${manifest.length}` },
      body: [manifest],
    })
  }

  /** Throws unless the repository has the blob. */
  async check({ digest, size }: BlobBody): Promise<void> {
    const request = { method: 'HEAD', path: `${this.#repositoryPath}/blobs/${digest}` }
    const { headers } = await this.#ask(200, request)
    const found = headers.get('content-length')
    if (found !== `${size}`) throw new Error(`${digest} has ${found} bytes, not ${size}`)
  }

  close(): void {
    this.#connection.close()
  }

  async #ask(wanted: number, { path, ...request }: Request): Promise<Answer> {
    const { pathname, search } = new URL(path, this.#origin)
    this.requests++
    const answer = await this.#connection.ask({ path: `${pathname}${search}`, ...request })
    if (answer.status === wanted) return answer
    throw new Error(`${request.method} ${pathname} was answered ${answer.status}, not ${wanted}`)
  }

  // It may be relative and may hold a query.
  #readLocation({ headers }: Answer): URL {
    const location = headers.get('location')
    if (location === undefined) throw new Error('an upload was answered without a Location')
    return new URL(location, this.#origin)
  }
}

const toJson = (value: object): Buffer => Buffer.from(JSON.stringify(value))
