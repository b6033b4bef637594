import { readDescriptor } from './descriptor.ts'
import type { Digest } from './digest.ts'
import { indexTypes } from './media-type.ts'

/** The blobs of an image, as far as its registry has them. */
export type ImageLayers = {
  readonly config: Digest
  /** In the manifest's order, each once. */
  readonly layers: readonly Digest[]
}

/** No image's manifest is larger than this, nor has any as many layers. */
const maxBytes = 256 * 1024
const maxLayers = 200

/** Layers that come from elsewhere (image-spec, layer.md §Non-Distributable Layers). */
const elsewhere = /\.nondistributable\.|\.foreign\./

/**
 * Reads the bytes of a manifest that `parseManifest` has taken. Undefined for an index, for what has
 * no config or no layers, and for what is larger than an image's.
 */
export function readImageLayers(bytes: Uint8Array, mediaType: string): ImageLayers | undefined {
  if (indexTypes.has(mediaType) || bytes.length > maxBytes) return undefined
  const document: Record<string, unknown> = JSON.parse(new TextDecoder().decode(bytes))
  const config = readDescriptor(document.config)?.digest
  if (config === undefined || !Array.isArray(document.layers)) return undefined
  if (document.layers.length > maxLayers) return undefined
  const layers = new Set(document.layers.flatMap(readLayer))
  // An artifact may have the same empty object for both.
  layers.delete(config)
  return { config, layers: [...layers] }
}

function readLayer(value: unknown): Digest | [] {
  const layer = readDescriptor(value)
  if (!layer || elsewhere.test(layer.mediaType)) return []
  const { urls } = value as { urls?: unknown }
  return Array.isArray(urls) && urls.length > 0 ? [] : layer.digest
}
