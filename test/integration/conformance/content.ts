import { type DigestAlgorithm, digestOf } from '../../../src/oci/digest.ts'
import { makeBytes } from '../../support/image-builder.ts'

export const types = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  empty: 'application/vnd.oci.empty.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  example: 'application/vnd.example.thing.v1',
} as const

/** What is pushed before a case begins. */
export type Content = {
  readonly kind: 'blob' | 'manifest'
  readonly bytes: Buffer
  readonly digest: string
  readonly mediaType: string
  readonly tag?: string
}

export type Descriptor = {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly [more: string]: unknown
}

/** Contents whose digests, and those in them, are of one algorithm. */
export class ContentMaker {
  readonly algorithm: DigestAlgorithm
  readonly #seed: string

  /** Other seeds give other blobs. */
  constructor(algorithm: DigestAlgorithm, seed: string) {
    this.algorithm = algorithm
    this.#seed = seed
  }

  digest(bytes: Uint8Array): string {
    return digestOf(bytes, this.algorithm)
  }

  blob(what: string, size = 512, mediaType: string = types.layer): Content {
    return this.#content('blob', makeBytes(`${this.#seed}/${what}`, size), mediaType)
  }

  blobOf(bytes: Buffer | string, mediaType: string = types.layer): Content {
    return this.#content('blob', Buffer.from(bytes), mediaType)
  }

  /** With a config and layers, unless `details` say otherwise. */
  image(layers: readonly Content[], details: object = {}, config = this.config): Content {
    const document = {
      schemaVersion: 2,
      mediaType: types.manifest,
      config: describeContent(config),
      layers: layers.map((layer) => describeContent(layer)),
      ...details,
    }
    return this.manifestOf(document)
  }

  index(manifests: readonly Content[], details: object = {}): Content {
    const document = {
      schemaVersion: 2,
      mediaType: types.index,
      manifests: manifests.map((manifest) => describeContent(manifest)),
      ...details,
    }
    return this.manifestOf(document)
  }

  /** Its type is that of its `mediaType`. */
  manifestOf(document: Readonly<Record<string, unknown>>): Content {
    const mediaType = typeof document.mediaType === 'string' ? document.mediaType : types.manifest
    return this.#content('manifest', Buffer.from(JSON.stringify(document)), mediaType)
  }

  manifestFrom(bytes: Buffer | string, mediaType: string = types.manifest): Content {
    return this.#content('manifest', Buffer.from(bytes), mediaType)
  }

  get config(): Content {
    return this.blobOf(JSON.stringify({ architecture: 'amd64', os: 'linux' }), types.config)
  }

  get empty(): Content {
    return this.blobOf('{}', types.empty)
  }

  #content(kind: Content['kind'], bytes: Buffer, mediaType: string): Content {
    return { kind, bytes, mediaType, digest: this.digest(bytes) }
  }
}

export function describeContent(content: Content, more: object = {}): Descriptor {
  const { mediaType, digest, bytes } = content
  return { mediaType, digest, size: bytes.length, ...more }
}

export function tagged(content: Content, tag: string): Content {
  return { ...content, tag }
}
