import { setImmediate } from 'node:timers/promises'
import type { Descriptor } from '../oci/descriptor.ts'
import { type Digest, digestAlgorithm, digestOf, isDigest } from '../oci/digest.ts'
import { manifestTypes } from '../oci/media-type.ts'
import { type PushedManifest, parsePushedManifest } from '../oci/pushed-manifest.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
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
const needsAtOnce = 100

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
    for (const [number, need] of manifest.needs.entries()) {
      // A manifest may name many thousands, and others want to be served meanwhile.
      if (number % needsAtOnce === needsAtOnce - 1) await setImmediate()
      const sizeBytes = await this.#findSize(repository, need, manifest.isIndex)
      if (sizeBytes === undefined) missing.push(need)
      else if (sizeBytes !== need.sizeBytes) throw wrongSize(need, sizeBytes)
      if (missing.length > mostNamed) break
    }
    if (missing.length > 0) throw incomplete(repository, missing)
  }

  async #findSize(
    repository: Repository,
    { digest, mediaType }: Descriptor,
    isListed: boolean,
  ): Promise<number | undefined> {
    const { records } = this.#settings
    const manifest = isListed ? await records.findPushed(repository, digest) : undefined
    if (manifest || (isListed && manifestTypes.has(mediaType))) return manifest?.sizeBytes
    return records.findPushedBlob(repository, digest)
  }
}

function checkDigest(bytes: Uint8Array, reference: Reference): Digest {
  if (!isDigest(reference)) return digestOf(bytes)
  const actual = digestOf(bytes, digestAlgorithm(reference))
  if (actual === reference) return actual
  const what = `what was sent is ${actual}, not ${reference}`
  throw new RegistryError('DIGEST_INVALID', what)
}

/** `missing` has one more than are named where there may be still more. */
function incomplete(repository: Repository, missing: readonly Descriptor[]): RegistryError {
  const named = missing
    .slice(0, mostNamed)
    .map(({ mediaType, digest }) => `${digest} (${quote(mediaType)})`)
  const list = named.join(', ') + (missing.length > mostNamed ? ' and others' : '')
  const what = `${repository} doesn't have what the manifest needs: push ${list} first`
  return new RegistryError('MANIFEST_BLOB_UNKNOWN', what)
}

/** Clients would refuse it when they pull it. */
function wrongSize({ digest, sizeBytes }: Descriptor, actualBytes: number): RegistryError {
  const what = `the manifest says that ${digest} has ${sizeBytes} bytes, but it has ${actualBytes}`
  return new RegistryError('MANIFEST_INVALID', what)
}
