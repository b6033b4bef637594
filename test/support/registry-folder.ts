import { createHash } from 'node:crypto'
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Descriptor } from './image-builder.ts'

const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const

export interface StoredImage {
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly manifest: Descriptor
}

type Content = {
  readonly layers?: readonly string[]
  /** Other manifests of the same layers. */
  readonly config?: string
  readonly subject?: Descriptor
  readonly algorithm?: 'sha256' | 'sha512'
}

/** The storage folder of a registry:2 made by hand, so that a test may damage any of it. */
export class RegistryFolder {
  readonly root: string
  /** When everything was pushed, unless it is said otherwise. */
  readonly pushedAt = new Date('2024-05-06T07:08:09Z')

  constructor(root: string) {
    this.root = root
  }

  /** A path below `docker/registry/v2`. */
  inside(...parts: readonly string[]): string {
    return join(this.root, 'docker', 'registry', 'v2', ...parts)
  }

  contentOf(digest: string): string {
    const [algorithm = '', hex = ''] = digest.split(':')
    return this.inside('blobs', algorithm, hex.slice(0, 2), hex, 'data')
  }

  revisionOf(repository: string, digest: string): string {
    return this.inside('repositories', repository, '_manifests/revisions', ...digest.split(':'))
  }

  tagOf(repository: string, tag: string): string {
    return this.inside('repositories', repository, '_manifests/tags', tag)
  }

  /** Content of the repository. */
  async addBlob(
    repository: string,
    bytes: string | Buffer,
    mediaType: string = types.layer,
  ): Promise<Descriptor> {
    const descriptor = describeBytes(bytes, mediaType)
    await write(this.contentOf(descriptor.digest), bytes)
    await this.#link(this.#layerOf(repository, descriptor.digest), descriptor.digest)
    return descriptor
  }

  /** As the registry does with what is pushed by its sha512. */
  async addAlias(repository: string, bytes: string, mediaType: string): Promise<Descriptor> {
    const { digest } = await this.addBlob(repository, bytes)
    const alias = describeBytes(bytes, mediaType, 'sha512')
    await this.#link(this.#layerOf(repository, alias.digest), digest)
    return alias
  }

  async addImage(
    repository: string,
    tag: string | undefined,
    { layers = ['a layer'], config = '{}', subject, algorithm }: Content = {},
  ): Promise<StoredImage> {
    const stored = {
      config: await this.addBlob(repository, config, types.config),
      layers: await Promise.all(layers.map((layer) => this.addBlob(repository, layer))),
    }
    const document = { schemaVersion: 2, mediaType: types.manifest, ...stored, subject }
    const manifest = await this.addManifest(repository, tag, JSON.stringify(document), algorithm)
    return { ...stored, manifest }
  }

  async addIndex(
    repository: string,
    tag: string,
    manifests: readonly Descriptor[],
  ): Promise<Descriptor> {
    const document = { schemaVersion: 2, mediaType: types.index, manifests }
    return this.addManifest(repository, tag, JSON.stringify(document))
  }

  async addManifest(
    repository: string,
    tag: string | undefined,
    text: string,
    algorithm?: Content['algorithm'],
  ): Promise<Descriptor> {
    const { mediaType = types.manifest } = JSON.parse(text) as { mediaType?: string }
    const descriptor = describeBytes(text, mediaType, algorithm)
    const { digest } = descriptor
    await write(this.contentOf(digest), text)
    await this.#link(this.revisionOf(repository, digest), digest)
    if (tag !== undefined) await this.setTag(repository, tag, digest)
    return descriptor
  }

  async setTag(repository: string, tag: string, digest: string, at = this.pushedAt): Promise<void> {
    const folder = this.tagOf(repository, tag)
    await this.#link(join(folder, 'current'), digest, at)
    await this.#link(join(folder, 'index', ...digest.split(':')), digest, at)
  }

  #layerOf(repository: string, digest: string): string {
    return this.inside('repositories', repository, '_layers', ...digest.split(':'))
  }

  async #link(folder: string, digest: string, at = this.pushedAt): Promise<void> {
    await write(join(folder, 'link'), digest)
    await utimes(join(folder, 'link'), at, at)
  }
}

const write = async (file: string, content: string | Buffer): Promise<void> => {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, content)
}

const describeBytes = (
  bytes: string | Buffer,
  mediaType: string,
  algorithm = 'sha256',
): Descriptor => {
  const digest = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
  return { mediaType, digest, size: Buffer.byteLength(bytes) }
}
