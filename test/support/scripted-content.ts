import { createHash } from 'node:crypto'
import {
  type BuiltImage,
  type BuiltIndex,
  buildImage,
  buildIndex,
  type ImageRecipe,
  type Platform,
} from './image-builder.ts'

export interface ScriptedManifest {
  readonly bytes: Buffer
  readonly mediaType: string
}

/** What one repository of a scripted upstream holds; a test may change it at any time. */
export class ScriptedRepository {
  /** Digests by tag. */
  readonly tags = new Map<string, string>()
  /** By digest; everything is there under its sha256 and its sha512. */
  readonly manifests = new Map<string, ScriptedManifest>()
  readonly blobs = new Map<string, Buffer>()
  /** Descriptors by the digest of their subject. */
  readonly referrers = new Map<string, readonly object[]>()
  /** Whether the registry knows the referrers API; without it the answer is 404. */
  hasReferrersApi = true

  /** Gives the blob's sha256. */
  addBlob(bytes: Buffer): string {
    for (const digest of digestsOf(bytes)) this.blobs.set(digest, bytes)
    return digestOf(bytes)
  }

  /** Gives the manifest's sha256, at which `tag` points from now on. */
  addManifest(manifest: ScriptedManifest, tag?: string): string {
    for (const digest of digestsOf(manifest.bytes)) this.manifests.set(digest, manifest)
    const digest = digestOf(manifest.bytes)
    if (tag !== undefined) this.tags.set(tag, digest)
    return digest
  }

  async addImage(tag: string, recipe: ImageRecipe): Promise<BuiltImage> {
    const image = await buildImage(recipe, async (_, bytes) => void this.addBlob(bytes))
    this.addManifest({ bytes: image.bytes, mediaType: image.descriptor.mediaType }, tag)
    return image
  }

  async addIndex(
    tag: string,
    recipe: ImageRecipe,
    platforms: readonly Platform[],
  ): Promise<BuiltIndex> {
    const index = await buildIndex(recipe, platforms, async (_, bytes) => void this.addBlob(bytes))
    for (const { bytes, descriptor } of index.images) {
      this.addManifest({ bytes, mediaType: descriptor.mediaType })
    }
    this.addManifest({ bytes: index.bytes, mediaType: index.descriptor.mediaType }, tag)
    return index
  }

  /** By tag or by digest. */
  findManifest(reference: string): ScriptedManifest | undefined {
    return this.manifests.get(this.tags.get(reference) ?? reference)
  }
}

export const digestOf = (bytes: Uint8Array, algorithm = 'sha256'): string =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`

const digestsOf = (bytes: Uint8Array): string[] => [digestOf(bytes), digestOf(bytes, 'sha512')]
