import type { Descriptor } from '../oci/descriptor.ts'
import { type Digest, digestAlgorithm, digestOf, isDigest } from '../oci/digest.ts'
import { manifestTypes } from '../oci/media-type.ts'
import { type PushedManifest, parsePushedManifest } from '../oci/pushed-manifest.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import type { BlobStore } from '../store/blob-store.ts'
import type { HostedRecords } from '../store/hosted-records.ts'
import { putBlob } from '../store/put-blob.ts'

type Settings = {
  readonly blobs: BlobStore
  readonly records: HostedRecords
  readonly now: () => number
}

export type NewManifest = {
  /** As they are: they are never written anew. */
  readonly bytes: Uint8Array
  /** What the client says it is; undefined where it says nothing. */
  readonly mediaType: string | undefined
  /** A tag or its digest, and further tags. */
  readonly reference: Reference
  readonly tags: readonly Tag[]
}

export type TakenManifest = { readonly digest: Digest; readonly subject: Digest | undefined }

const mostNamed = 5

/** Pushes of manifests (distribution-spec §Pushing Manifests). */
export class HostedManifests {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /**
   * The repository has the manifest, on the disk and under its tags, when it resolves. Throws
   * RegistryError: MANIFEST_INVALID, DIGEST_INVALID, or MANIFEST_BLOB_UNKNOWN where what it needs isn't
   * in the repository.
   */
  async push(repository: Repository, pushed: NewManifest): Promise<TakenManifest> {
    const { bytes, reference, tags } = pushed
    const manifest = parsePushedManifest(bytes, pushed.mediaType)
    const digest = checkDigest(bytes, reference)
    await this.#requireNeeds(repository, manifest)
    const { blobs, records, now } = this.#settings
    await putBlob(blobs, digest, bytes)
    const image = { ...manifest, digest, sizeBytes: bytes.length, pushedAt: now() }
    const all = isDigest(reference) ? tags : [reference, ...tags]
    await records.recordPushed(repository, image, all)
    return { digest, subject: manifest.subject }
  }

  async #requireNeeds(repository: Repository, manifest: PushedManifest): Promise<void> {
    const missing: Descriptor[] = []
    for (const need of manifest.needs) {
      if (!(await this.#isThere(repository, need, manifest.isIndex))) missing.push(need)
    }
    if (missing.length > 0) throw incomplete(repository, missing)
  }

  async #isThere(
    repository: Repository,
    { digest, mediaType }: Descriptor,
    isListed: boolean,
  ): Promise<boolean> {
    const { records } = this.#settings
    const isManifest = isListed && (await records.findPushed(repository, digest)) !== undefined
    if (isManifest || (isListed && manifestTypes.has(mediaType))) return isManifest
    return (await records.findPushedBlob(repository, digest)) !== undefined
  }
}

function checkDigest(bytes: Uint8Array, reference: Reference): Digest {
  if (!isDigest(reference)) return digestOf(bytes)
  const actual = digestOf(bytes, digestAlgorithm(reference))
  if (actual === reference) return actual
  const what = `what was sent is ${actual}, not ${reference}`
  throw new RegistryError('DIGEST_INVALID', what)
}

function incomplete(repository: Repository, missing: readonly Descriptor[]): RegistryError {
  const named = missing
    .slice(0, mostNamed)
    .map(({ mediaType, digest }) => `${digest} (${mediaType})`)
  const others = missing.length - named.length
  const list = named.join(', ') + (others > 0 ? ` and ${others} more` : '')
  const what = `${repository} doesn't have what the manifest needs: push ${list} first`
  return new RegistryError('MANIFEST_BLOB_UNKNOWN', what)
}
