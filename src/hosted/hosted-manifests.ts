import type { Descriptor } from '../oci/descriptor.ts'
import { type Digest, digestAlgorithm, digestOf, isDigest } from '../oci/digest.ts'
import { manifestTypes } from '../oci/media-type.ts'
import { type PushedManifest, parsePushedManifest } from '../oci/pushed-manifest.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import { quote, RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import type { Lack, Need, Refusal } from '../store/hosted-records.ts'
import type { Stores } from '../store/open-stores.ts'
import { putBlob } from '../store/put-blob.ts'

type Settings = {
  readonly stores: Pick<Stores, 'blobs' | 'hosted' | 'holds'>
  /** Whether the tag may not be moved. */
  readonly isFixed: (repository: Repository, tag: Tag) => boolean
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
   * RegistryError: MANIFEST_INVALID, DIGEST_INVALID, MANIFEST_BLOB_UNKNOWN where what it needs isn't in
   * the repository, or DENIED for a tag that must not move.
   */
  async push(repository: Repository, pushed: NewManifest): Promise<TakenManifest> {
    const { bytes, reference, tags } = pushed
    const manifest = parsePushedManifest(bytes, pushed.mediaType)
    const digest = checkDigest(bytes, reference)
    const needs = manifest.needs.map((need) => toNeed(need, manifest))
    const { stores, now } = this.#settings
    // Before its file is written; what is recorded is checked again, together with it.
    const lacking = await stores.hosted.findLacking(repository, needs)
    if (lacking.length > 0) throw incomplete(repository, manifest, lacking)
    const image = { ...manifest, digest, sizeBytes: bytes.length, pushedAt: now() }
    const all = isDigest(reference) ? tags : [reference, ...tags]
    const fixedTags = all.filter((tag) => this.#settings.isFixed(repository, tag))
    const refusal = await stores.holds.during(digest, async () => {
      await stores.hosted.announceBlob(image, now())
      await putBlob(stores.blobs, digest, bytes)
      return stores.hosted.recordPushed(repository, { image, tags: all, needs, fixedTags })
    })
    if (refusal) throw toError(refusal, repository, manifest)
    return { digest, subject: manifest.subject }
  }
}

function toNeed(need: Descriptor, { isIndex }: PushedManifest): Need {
  const { digest, sizeBytes, mediaType } = need
  const asListed = manifestTypes.has(mediaType) ? 'manifest' : 'either'
  return { digest, sizeBytes, as: isIndex ? asListed : 'blob' }
}

function toError(refusal: Refusal, repository: Repository, manifest: PushedManifest) {
  if ('lacking' in refusal) return incomplete(repository, manifest, refusal.lacking)
  const { fixedTag, digest } = refusal
  const what = `${repository}:${fixedTag} can't be moved from ${digest}: hosted.immutableTags in mirrors.yaml names it. Push under another tag`
  return new RegistryError('DENIED', what)
}

function checkDigest(bytes: Uint8Array, reference: Reference): Digest {
  if (!isDigest(reference)) return digestOf(bytes)
  const actual = digestOf(bytes, digestAlgorithm(reference))
  if (actual === reference) return actual
  const what = `what was sent is ${actual}, not ${reference}`
  throw new RegistryError('DIGEST_INVALID', what)
}

function incomplete(
  repository: Repository,
  { needs }: PushedManifest,
  lacking: readonly Lack[],
): RegistryError {
  const describe = (digest: Digest) => needs.find((need) => need.digest === digest)
  const other = lacking.find(({ foundBytes }) => foundBytes !== undefined)
  if (other) return wrongSize(other, describe(other.digest)?.sizeBytes)
  const named = lacking
    .slice(0, mostNamed)
    .map(({ digest }) => `${digest} (${quote(describe(digest)?.mediaType ?? '')})`)
  const others = lacking.length - named.length
  const list = named.join(', ') + (others > 0 ? ` and ${others} more` : '')
  const what = `${repository} doesn't have what the manifest needs: push ${list} first`
  return new RegistryError('MANIFEST_BLOB_UNKNOWN', what)
}

/** Clients would refuse it when they pull it. */
function wrongSize({ digest, foundBytes }: Lack, saidBytes: number | undefined): RegistryError {
  const what = `the manifest says that ${digest} has ${saidBytes} bytes, but it has ${foundBytes}`
  return new RegistryError('MANIFEST_INVALID', what)
}
