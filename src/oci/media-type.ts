/** Media types of manifests and indexes that clients pull today (image-spec, Docker v2 schema 2). */
export const ociManifest = 'application/vnd.oci.image.manifest.v1+json'
export const ociIndex = 'application/vnd.oci.image.index.v1+json'
export const ociArtifactManifest = 'application/vnd.oci.artifact.manifest.v1+json'
export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json'
export const dockerManifestList = 'application/vnd.docker.distribution.manifest.list.v2+json'

export const indexTypes: ReadonlySet<string> = new Set([ociIndex, dockerManifestList])

/** Types of documents that are manifests or indexes. */
export const manifestTypes: ReadonlySet<string> = new Set([
  ociManifest,
  ociIndex,
  dockerManifest,
  dockerManifestList,
  ociArtifactManifest,
])

/**
 * What we tell upstreams we accept, whatever our client said: GHCR and ACR answer 404 when the
 * stored type isn't listed, and Quay falls back to schema 1 without the list.
 */
export const manifestAccept = [...manifestTypes].join(', ')

/** Types that say nothing about the content; the body's own `mediaType` decides then. */
const vagueTypes: ReadonlySet<string> = new Set([
  '',
  'application/json',
  'text/plain',
  'application/octet-stream',
  'binary/octet-stream',
])

/** The type without parameters, lower-case; undefined where it says nothing. */
export function readMediaType(contentType: string | undefined): string | undefined {
  const type = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  return vagueTypes.has(type) ? undefined : type
}

const manifestTypePattern = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i

/**
 * Whether it can be a manifest's type: a media type (RFC 6838 §4.2) of some JSON. A captive portal's
 * `text/html` can't, nor can what would break a header.
 */
export function isManifestType(mediaType: string): boolean {
  return mediaType.endsWith('+json') && manifestTypePattern.test(mediaType)
}
