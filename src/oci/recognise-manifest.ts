import { readAnnotations } from './annotations.ts'
import { exceeds } from './json-size.ts'
import {
  type Manifest,
  ManifestFormatError,
  maxManifestBytes,
  parseManifestDocument,
} from './manifest.ts'
import { manifestTypes } from './media-type.ts'

export type RecognisedManifest = Manifest & {
  readonly annotations: Readonly<Record<string, string>> | undefined
}

/** Nobody pushes what is larger (see pushed-manifest), and to read it would keep all others waiting. */
const most = { depth: 100, count: 10_000, parts: 75_000 }
const openBrace = 0x7b

/**
 * Whether content of which nothing is known is a manifest or an index, by what it says and its shape.
 * A layer or a config is none. Undefined if it isn't, or has no type that is known.
 */
export function recogniseManifest(bytes: Uint8Array): RecognisedManifest | undefined {
  if (bytes[0] !== openBrace || bytes.length > maxManifestBytes) return undefined
  if (exceeds(bytes, most)) return undefined
  try {
    const { manifest, document } = parseManifestDocument(bytes, undefined)
    const isOne = document.schemaVersion === 2 && manifestTypes.has(manifest.mediaType)
    return isOne ? { ...manifest, annotations: readAnnotations(document.annotations) } : undefined
  } catch (error) {
    if (error instanceof ManifestFormatError) return undefined
    throw error
  }
}
