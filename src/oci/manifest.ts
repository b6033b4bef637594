import { type Descriptor, readDescriptor, readDescriptors } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { indexTypes, isManifestType, manifestTypes, ociIndex, ociManifest } from './media-type.ts'
import { quote } from './registry-error.ts'

/** Clients stop reading manifests a little above this; so do we. */
export const maxManifestBytes = 4 * 1024 * 1024

/** What a manifest or an index says, as far as a mirror must know it. The bytes stay what they are. */
export type Manifest = {
  readonly mediaType: string
  /** Config, layers and blobs of a manifest; manifests of an index. Malformed descriptors are left out. */
  readonly children: readonly Descriptor[]
  readonly artifactType: string | undefined
  readonly subject: Digest | undefined
}

/** All that it says. */
export type ManifestDocument = Readonly<Record<string, unknown>>

/** Says in its message what was found and what is wanted. */
export class ManifestFormatError extends Error {
  override readonly name = 'ManifestFormatError'
}

/**
 * Reads a manifest's bytes. `headerType` is the media type that came with them, undefined where it
 * said nothing. Throws ManifestFormatError for what isn't a manifest, for schema 1, and for a
 * document whose type and shape disagree (type confusion, GHSA-qq97-vm5h-rrhg).
 */
export function parseManifest(bytes: Uint8Array, headerType: string | undefined): Manifest {
  return parseManifestDocument(bytes, headerType).manifest
}

/** The same, with all that the manifest says. */
export function parseManifestDocument(
  bytes: Uint8Array,
  headerType: string | undefined,
): { readonly manifest: Manifest; readonly document: ManifestDocument } {
  const document = parseObject(bytes)
  return { manifest: readManifest(document, headerType), document }
}

function readManifest(document: ManifestDocument, headerType: string | undefined): Manifest {
  if (document.schemaVersion === 1)
    throw refuse('a Docker schema 1 manifest; only schema 2 and OCI are served')
  const bodyType = typeof document.mediaType === 'string' ? document.mediaType : undefined
  if (headerType && bodyType && headerType !== bodyType) {
    throw refuse(`Content-Type ${quote(headerType)} but mediaType ${quote(bodyType)} in the body`)
  }
  const mediaType = headerType ?? bodyType ?? typeFromShape(document)
  if (!isManifestType(mediaType))
    throw refuse(`of type ${quote(mediaType)}, which is no manifest's`)
  checkShape(document, mediaType)
  return {
    mediaType,
    children: readChildren(document),
    artifactType: readArtifactType(document),
    subject: readDescriptor(document.subject)?.digest,
  }
}

/** An empty one is none (distribution-spec §Listing Referrers). */
function readArtifactType({ artifactType }: ManifestDocument): string | undefined {
  return typeof artifactType === 'string' && artifactType !== '' ? artifactType : undefined
}

function parseObject(bytes: Uint8Array): ManifestDocument {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new ManifestFormatError('it is not JSON', { cause })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as ManifestDocument
  }
  throw refuse('JSON that is no object')
}

function refuse(found: string): ManifestFormatError {
  return new ManifestFormatError(`it is ${found}`)
}

function typeFromShape(document: ManifestDocument): string {
  if (Array.isArray(document.manifests)) return ociIndex
  if (Array.isArray(document.layers)) return ociManifest
  throw refuse('a document without mediaType, manifests or layers')
}

function checkShape(document: ManifestDocument, mediaType: string): void {
  const hasManifests = Array.isArray(document.manifests)
  const hasLayers = Array.isArray(document.layers)
  if (hasManifests && (hasLayers || document.config !== undefined)) {
    throw refuse('a manifest and an index at once')
  }
  if (!manifestTypes.has(mediaType)) return
  const wantsManifests = indexTypes.has(mediaType)
  if (wantsManifests && !hasManifests) throw refuse(`called an index but lists no manifests`)
  if (!wantsManifests && hasManifests) throw refuse(`called a manifest but lists manifests`)
}

function readChildren(document: ManifestDocument): Descriptor[] {
  return readDescriptors([
    document.config,
    ...listOf(document.layers),
    ...listOf(document.blobs),
    ...listOf(document.manifests),
  ])
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
