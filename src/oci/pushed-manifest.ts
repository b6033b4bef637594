import { readAnnotations } from './annotations.ts'
import { type Descriptor, readDescriptor } from './descriptor.ts'
import { type Manifest, ManifestFormatError, parseManifest } from './manifest.ts'
import { indexTypes } from './media-type.ts'
import { RegistryError } from './registry-error.ts'

/** What a registry must know of a manifest that is pushed to it, beyond what a mirror must. */
export type PushedManifest = Manifest & {
  /** What must be there before it: blobs of a manifest, manifests (and blobs) of an index. */
  readonly needs: readonly Descriptor[]
  readonly isIndex: boolean
  readonly annotations: Readonly<Record<string, string>> | undefined
}

/** Layers that come from elsewhere, which nobody need push (image-spec, layer.md §Non-Distributable Layers). */
const elsewhere = /\.nondistributable\.|\.foreign\./

/** Throws RegistryError MANIFEST_INVALID. */
export function parsePushedManifest(
  bytes: Uint8Array,
  mediaType: string | undefined,
): PushedManifest {
  const manifest = parse(bytes, mediaType)
  const document: Record<string, unknown> = JSON.parse(new TextDecoder().decode(bytes))
  const isIndex = indexTypes.has(manifest.mediaType)
  return {
    ...manifest,
    // distribution-spec §Listing Referrers: a manifest without a type of its own has its config's.
    artifactType: manifest.artifactType ?? (isIndex ? undefined : configType(document)),
    needs: manifest.children.filter(({ mediaType: type }) => !elsewhere.test(type)),
    isIndex,
    annotations: readAnnotations(document.annotations),
  }
}

function parse(bytes: Uint8Array, mediaType: string | undefined): Manifest {
  try {
    return parseManifest(bytes, mediaType)
  } catch (error) {
    if (!(error instanceof ManifestFormatError)) throw error
    throw new RegistryError('MANIFEST_INVALID', `the manifest can't be taken: ${error.message}`)
  }
}

function configType(document: Record<string, unknown>): string | undefined {
  return readDescriptor(document.config)?.mediaType
}
