import type { Digest } from '../oci/digest.ts'
import { maxManifestBytes } from '../oci/manifest.ts'
import { recogniseManifest } from '../oci/recognise-manifest.ts'
import type { CheckedBlob, CheckOptions } from '../store/blob-store.ts'
import type { FoundBlob } from '../store/integrity-records.ts'

/** How a file must be checked for `recognise`. */
export const toRecognise: CheckOptions = { contentUpTo: maxManifestBytes }

/**
 * What is to be recorded of a file that is right, and of which nothing is: that it is there, and what it
 * says where it is a manifest. It belongs to nobody until an upstream says that a repository has it.
 */
export function recognise(digest: Digest, checked: CheckedBlob, verifiedAt: number): FoundBlob {
  const { sizeBytes, writtenAt, content } = checked
  const manifest = content && recogniseManifest(content)
  return { digest, sizeBytes, writtenAt, verifiedAt, manifest }
}
