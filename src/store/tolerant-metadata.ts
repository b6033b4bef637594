import type { MetadataStore } from './metadata-store.ts'
import type { Tolerance } from './tolerance.ts'

/**
 * What can't be found out isn't known, and what can't be written is passed over: upstream is asked
 * again. A switch is somebody's word, which nobody can be asked for again: it fails as it is.
 */
export function tolerantMetadata(metadata: MetadataStore, tolerance: Tolerance): MetadataStore {
  const or =
    <Arguments extends unknown[], Result>(
      fallback: Result,
      act: (...values: Arguments) => Promise<Result>,
    ) =>
    (...values: Arguments) =>
      tolerance.orElse(fallback, () => act(...values))
  return {
    recordBlob: or(undefined, (blob) => metadata.recordBlob(blob)),
    hasUnknown: or(false, () => metadata.hasUnknown()),
    findBlob: or(undefined, (digest) => metadata.findBlob(digest)),
    linkBlob: or(undefined, (source, digest) => metadata.linkBlob(source, digest)),
    isBlobLinked: or(false, (source, digest) => metadata.isBlobLinked(source, digest)),
    hasBlobLink: or(false, (source, digest) => metadata.hasBlobLink(source, digest)),
    findNamedOrigin: or(undefined, (source, digest) => metadata.findNamedOrigin(source, digest)),
    findChildSize: or(undefined, (source, digest) => metadata.findChildSize(source, digest)),
    recordAccesses: or(undefined, (accesses) => metadata.recordAccesses(accesses)),
    recordImage: or(undefined, (source, image) => metadata.recordImage(source, image)),
    linkImage: or(undefined, (source, digest, image) => metadata.linkImage(source, digest, image)),
    findImage: or(undefined, (source, digest) => metadata.findImage(source, digest)),
    hasImages: or(false, (source) => metadata.hasImages(source)),
    isManifestKept: or(false, (digest) => metadata.isManifestKept(digest)),
    isManifest: or(false, (source, digest) => metadata.isManifest(source, digest)),
    findParent: or(undefined, (source, child) => metadata.findParent(source, child)),
    listRepositories: or([], (page) => metadata.listRepositories(page)),
    findTag: or(undefined, (source, tag) => metadata.findTag(source, tag)),
    recordTag: or(undefined, (source, tag, record) => metadata.recordTag(source, tag, record)),
    listTags: or([], (source) => metadata.listTags(source)),
    findTagList: or(undefined, (source) => metadata.findTagList(source)),
    recordTagList: or(undefined, (source, list) => metadata.recordTagList(source, list)),
    findReferrers: or(undefined, (source, subject) => metadata.findReferrers(source, subject)),
    recordReferrers: or(undefined, (source, subject, list) =>
      metadata.recordReferrers(source, subject, list),
    ),
    findSwitch: (name) => metadata.findSwitch(name),
    recordSwitch: (name, isOn) => metadata.recordSwitch(name, isOn),
    ping: () => metadata.ping(),
    close: () => metadata.close(),
  }
}
