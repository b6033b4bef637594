import { readAnnotations } from './annotations.ts'
import { type Descriptor, readDescriptor } from './descriptor.ts'
import { exceeds } from './json-size.ts'
import {
  type Manifest,
  type ManifestDocument,
  ManifestFormatError,
  parseManifestDocument,
} from './manifest.ts'
import { indexTypes, manifestTypes, ociArtifactManifest } from './media-type.ts'
import { RegistryError } from './registry-error.ts'

/** What a registry must know of a manifest that is pushed to it, beyond what a mirror must. */
export type PushedManifest = Manifest & {
  /** What must be there before it, each digest once: blobs of a manifest, manifests (and blobs) of an index. */
  readonly needs: readonly Descriptor[]
  readonly isIndex: boolean
  readonly annotations: Readonly<Record<string, string>> | undefined
}

/** Layers that come from elsewhere, which nobody need push (image-spec, layer.md §Non-Distributable Layers). */
const elsewhere = /\.nondistributable\.|\.foreign\./

/** No client makes what is larger, and to read it would keep all others waiting. */
const most = { depth: 100, count: 10_000, parts: 75_000 }

/** Throws RegistryError MANIFEST_INVALID. */
export function parsePushedManifest(
  bytes: Uint8Array,
  mediaType: string | undefined,
): PushedManifest {
  const { manifest, document } = parse(bytes, mediaType)
  const isIndex = indexTypes.has(manifest.mediaType)
  checkDescriptors(manifest, document)
  return {
    ...manifest,
    // distribution-spec §Listing Referrers: a manifest without a type of its own has its config's.
    artifactType: manifest.artifactType ?? (isIndex ? undefined : configType(document)),
    needs: needsOf(manifest),
    isIndex,
    annotations: readAnnotations(document.annotations),
  }
}

function parse(bytes: Uint8Array, mediaType: string | undefined) {
  const excess = exceeds(bytes, most)
  if (excess === 'depth') throw refuse(`it is nested more than ${most.depth} deep`)
  if (excess === 'count') throw refuse(`it has more than ${most.count} objects and lists in it`)
  if (excess) throw refuse(`it has more than ${most.parts} strings and commas in it`)
  try {
    return parseManifestDocument(bytes, mediaType)
  } catch (error) {
    if (!(error instanceof ManifestFormatError)) throw error
    throw refuse(error.message)
  }
}

/**
 * A mirror takes what an upstream has; nobody need be able to push what no client could pull. Of a type
 * that isn't known nothing is known of its fields either.
 */
function checkDescriptors({ mediaType, children }: Manifest, document: ManifestDocument): void {
  if (!manifestTypes.has(mediaType)) return
  const { config, subject } = document
  const isImage = !indexTypes.has(mediaType) && mediaType !== ociArtifactManifest
  if (isImage || isThere(config)) checkDescriptor(config, 'config')
  if (isThere(subject)) checkDescriptor(subject, 'subject')
  const lists = ['layers', 'blobs', 'manifests'].map((field) => readList(document, field))
  const total = lists.reduce((sum, { values }) => sum + values.length, isThere(config) ? 1 : 0)
  // Those that are none were left out.
  if (children.length === total) return
  for (const { field, values } of lists) {
    for (const [at, value] of values.entries()) checkDescriptor(value, `${field}[${at}]`)
  }
}

function readList(document: ManifestDocument, field: string) {
  const values = document[field] ?? []
  if (!Array.isArray(values)) throw refuse(`its ${field} is no list`)
  return { field, values: values as readonly unknown[] }
}

/** Go writes null for a list of nothing. */
function isThere(value: unknown): boolean {
  return value !== undefined && value !== null
}

function checkDescriptor(value: unknown, where: string): void {
  if (readDescriptor(value)) return
  throw refuse(
    `its ${where} is no descriptor: wanted a mediaType, a digest of sha256 or sha512, and a size`,
  )
}

function refuse(why: string): RegistryError {
  return new RegistryError('MANIFEST_INVALID', `the manifest can't be taken: ${why}`)
}

function needsOf({ children }: Manifest): Descriptor[] {
  const needs = new Map<string, Descriptor>()
  for (const child of children) {
    if (!elsewhere.test(child.mediaType)) needs.set(child.digest, child)
  }
  return [...needs.values()]
}

function configType(document: ManifestDocument): string | undefined {
  return readDescriptor(document.config)?.mediaType
}
