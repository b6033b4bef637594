import { readAnnotations } from './annotations.ts'
import { type Descriptor, readDescriptor, readDescriptors } from './descriptor.ts'
import { type Digest, isDigest } from './digest.ts'

/** What a manifest or an index says to people. */
export type ManifestContent = {
  readonly artifactType: string | undefined
  readonly subject: Descriptor | undefined
  readonly annotations: Readonly<Record<string, string>>
  readonly config: Descriptor | undefined
  /** And an artifact manifest's blobs. */
  readonly layers: readonly Descriptor[]
  /** Of an index. */
  readonly manifests: readonly ListedManifest[]
}

export type ListedManifest = Descriptor & {
  /** `linux/arm/v7`; undefined where the index doesn't say. */
  readonly platform: string | undefined
  /** Of an attestation by buildx, the image that it is about. */
  readonly attests: Digest | undefined
}

/** What buildx calls the platform of an attestation, which runs on none. */
const noPlatform = 'unknown/unknown'
const attestedAnnotation = 'vnd.docker.reference.digest'

/** Reads the bytes of a manifest that `parseManifest` has taken. */
export function readManifestContent(bytes: Uint8Array): ManifestContent {
  const document: Record<string, unknown> = JSON.parse(new TextDecoder().decode(bytes))
  const { artifactType } = document
  return {
    artifactType: typeof artifactType === 'string' ? artifactType : undefined,
    subject: readDescriptor(document.subject),
    annotations: readAnnotations(document.annotations) ?? {},
    config: readDescriptor(document.config),
    layers: readDescriptors([...listOf(document.layers), ...listOf(document.blobs)]),
    manifests: listOf(document.manifests).flatMap(readListed),
  }
}

function readListed(value: unknown): ListedManifest | [] {
  const descriptor = readDescriptor(value)
  if (!descriptor) return []
  const { platform, annotations } = value as { platform?: unknown; annotations?: unknown }
  const attested = readAnnotations(annotations)?.[attestedAnnotation]
  const attests = attested !== undefined && isDigest(attested) ? attested : undefined
  return { ...descriptor, platform: formatPlatform(platform), attests }
}

function formatPlatform(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { os, architecture, variant } = value as Record<string, unknown>
  const parts = [os, architecture, variant].filter((part) => typeof part === 'string' && part)
  const text = parts.join('/')
  return text === '' || text === noPlatform ? undefined : text
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
