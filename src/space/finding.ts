import type { Digest } from '../oci/digest.ts'
import type { Repository } from '../oci/repository.ts'
import { formatSource, type Source } from '../oci/source.ts'
import type { CheckedBlob, ForeignName } from '../store/blob-store.ts'
import type { Owner, Owners } from '../store/integrity-records.ts'

/** What is wrong with something that is kept, or that is said to be. */
export type Finding =
  | WrongFile
  /** A file that is right, of which nothing is recorded. */
  | (OfDigest & { readonly kind: 'no-row' })
  | WrongRow
  /** Something is recorded, and there is no file. */
  | (OfDigest & { readonly kind: 'no-file' })
  /** A file that isn't named as a digest. */
  | { readonly kind: 'foreign'; readonly name: ForeignName }

export type WrongFile = OfDigest & {
  readonly kind: 'wrong-bytes' | 'wrong-size' | 'empty' | 'unreadable'
  readonly checked: CheckedBlob
  /** As it is recorded; undefined where nothing is. */
  readonly wantedBytes: number | undefined
}

/** A file that is right, of which another size is recorded. */
export type WrongRow = OfDigest & {
  readonly kind: 'wrong-row'
  readonly sizeBytes: number
  readonly wantedBytes: number
}

export type OfDigest = { readonly digest: Digest }

/** What became of a finding. */
export type Outcome =
  | { readonly kind: 'fetched'; readonly from: Source }
  /** It is what a file's name says, and can be used again. */
  | { readonly kind: 'recorded'; readonly isManifest: boolean }
  /** It lay in quarantine, and is right: a disk had failed for a moment. */
  | { readonly kind: 'released' }
  /** It couldn't be fetched now, and may be another time: its record stays. */
  | { readonly kind: 'unfetched'; readonly why: string }
  /** Nothing needs it that was pushed here; whoever pulls it has it fetched again. `why`: where it came from it isn't any more. */
  | { readonly kind: 'forgotten'; readonly why: string | undefined }
  /** Nothing was recorded of it, and it is out of the way. */
  | { readonly kind: 'removed' }
  /** It was pushed to these, and exists nowhere else. */
  | { readonly kind: 'lost'; readonly hosted: readonly Repository[] }
  /** Somebody has put the right one in its place meanwhile, or is about to. */
  | { readonly kind: 'replaced' }
  | { readonly kind: 'failed'; readonly why: string }

export type Healed = {
  readonly finding: Finding
  readonly outcome: Outcome
  /** Of its digest. */
  readonly owners: Owners | undefined
}

/** Undefined where the file is as it should be. */
export function judge(
  digest: Digest,
  checked: CheckedBlob,
  wantedBytes: number | undefined,
): WrongFile | WrongRow | undefined {
  const { fault, sizeBytes } = checked
  const isSameSize = wantedBytes === undefined || wantedBytes === sizeBytes
  if (fault === undefined)
    return isSameSize ? undefined : { kind: 'wrong-row', digest, sizeBytes, wantedBytes }
  const found = { digest, checked, wantedBytes }
  if (fault !== 'wrong') return { ...found, kind: 'unreadable' }
  // Only the digest of nothing stands for nothing, and that would be right.
  if (sizeBytes === 0) return { ...found, kind: 'empty' }
  return { ...found, kind: isSameSize ? 'wrong-bytes' : 'wrong-size' }
}

const nothingDone = 'nothing could be done'

/** In words, without its digest. */
export function describeFinding(finding: Finding): string {
  if (finding.kind === 'no-row') return 'a file without a row in the database'
  if (finding.kind === 'no-file') return 'a row in the database without a file'
  if (finding.kind === 'foreign') return "a foreign file: its name isn't a digest"
  if (finding.kind === 'wrong-row')
    return `the database says ${finding.wantedBytes} bytes of a file that is right with ${finding.sizeBytes}`
  const { checked, wantedBytes } = finding
  if (finding.kind === 'unreadable') return `it can't be read (${codeOf(checked)})`
  if (finding.kind === 'empty') return 'the file is empty'
  if (finding.kind === 'wrong-size') return `${checked.sizeBytes} bytes instead of ${wantedBytes}`
  return 'wrong bytes'
}

/** What was done about it, and what is left to do. */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'fetched':
      return `fetched again from ${formatSource(outcome.from)}`
    case 'recorded':
      return outcome.isManifest ? 'recorded anew, as a manifest' : 'recorded anew'
    case 'released':
      return 'it lay in quarantine/, can be read, is right, and is back in its place'
    case 'unfetched':
      return `it can't be fetched again now: ${outcome.why}. That is tried when it is pulled, and by the next "entrepot verify --repair"`
    case 'forgotten':
      return outcome.why === undefined
        ? 'its record is taken away; it is fetched again when it is pulled'
        : `its record is taken away, since it can't be had any more: ${outcome.why}`
    case 'removed':
      return 'moved to quarantine/'
    case 'replaced':
      return 'somebody has replaced it meanwhile'
    case 'lost':
      return `LOST: it was pushed here${pushedTo(outcome.hosted)} and exists nowhere else. Push the image again: that uploads what is missing`
    case 'failed':
      return `${nothingDone}: ${outcome.why}`
  }
}

function pushedTo(hosted: readonly Repository[]): string {
  return hosted.length === 0 ? '' : `, to ${hosted.join(', ')},`
}

/** Whether what is wrong lies where it lay, as the words for its outcome tell; undefined where nothing was tried. */
export function isLeftInPlace(outcome: string | undefined): boolean {
  return outcome === undefined || outcome.startsWith(nothingDone)
}

/** Whether nothing is left to do for anybody. */
export function isHealed({ kind }: Outcome): boolean {
  return kind !== 'lost' && kind !== 'failed' && kind !== 'unfetched'
}

function codeOf({ fault }: CheckedBlob): string {
  return typeof fault === 'object' ? fault.code : ''
}

/** Names of images: `docker.io/library/node:20`, and those without a tag only where none has one. */
export function nameOwners(images: readonly Owner[]): readonly string[] {
  const tagged = images.filter(({ tag }) => tag !== undefined)
  const named = (tagged.length > 0 ? tagged : images).map(({ source, digest, tag }) => {
    const name = formatSource(source)
    return tag === undefined ? `${name}@${digest}` : `${name}:${tag}`
  })
  return [...new Set(named)]
}
