import { type Digest, isDigest } from '../oci/digest.ts'
import type { Reference, Tag } from '../oci/reference.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import type { HostedRecords } from '../store/hosted-records.ts'
import { missing } from './hosted-pulls.ts'

type Settings = {
  readonly records: HostedRecords
  /** Whether the tag may not be moved. */
  readonly isFixed: (repository: Repository, tag: Tag) => boolean
  readonly now: () => number
}

export type WantedTag = {
  /** The image that gets it. */
  readonly reference: Reference
  readonly tag: Tag
  readonly isDryRun: boolean
}

export type TagMoved = {
  readonly digest: Digest
  /** To what the tag pointed until then, if to anything. */
  readonly before: Digest | undefined
}

/**
 * Gives an image of the repository one more tag, wherever that pointed before. Throws RegistryError
 * MANIFEST_UNKNOWN, or DENIED for a tag that must not move; a dry run does too.
 */
export async function tagImage(
  { records, isFixed, now }: Settings,
  repository: Repository,
  { reference, tag, isDryRun }: WantedTag,
): Promise<TagMoved> {
  const digest = isDigest(reference)
    ? reference
    : await records.findPushedTag(repository, reference)
  const isThere = digest !== undefined && (await records.findPushed(repository, digest))
  if (!isThere) throw missing('MANIFEST_UNKNOWN', repository, reference)
  const tagging = { digest, tag, isFixed: isFixed(repository, tag), at: now() }
  const tagged = isDryRun
    ? { before: await records.findPushedTag(repository, tag) }
    : await records.tagPushed(repository, tagging)
  if (!tagged) throw missing('MANIFEST_UNKNOWN', repository, reference)
  const { before } = tagged
  if (tagging.isFixed && before !== undefined && before !== digest) {
    const what = `${repository}:${tag} can't be moved from ${before}: hosted.immutableTags in mirrors.yaml names it`
    throw new RegistryError('DENIED', what)
  }
  return { digest, before }
}
