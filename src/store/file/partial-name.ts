import { createHash } from 'node:crypto'
import { type Digest, digestAlgorithm, digestHex } from '../../oci/digest.ts'

const ownerCharacters = 16

/** The name under `partial/` of what is being written of a digest. */
export function partialName(digest: Digest): string {
  return `${digestAlgorithm(digest)}-${digestHex(digest)}`
}

/** The same for what the owner may go on with; whatever an owner is called, it fits a file name. */
export function resumableName(digest: Digest, owner: string): string {
  const hash = createHash('sha256').update(owner).digest('hex')
  return `${partialName(digest)}-${hash.slice(0, ownerCharacters)}`
}
