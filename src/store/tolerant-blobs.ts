import type { BlobReader, BlobStore, BlobWriter } from './blob-store.ts'
import type { Tolerance } from './tolerance.ts'

/** Content that can't be read isn't kept; whatever else fails throws StoreFaultError. */
export function tolerantBlobs(blobs: BlobStore, tolerance: Tolerance): BlobStore {
  return {
    find: (digest) => tolerance.orElse(undefined, () => blobs.find(digest)),
    open: async (digest) => {
      const reader = await tolerance.orElse(undefined, () => blobs.open(digest))
      return reader && tolerantReader(reader, tolerance)
    },
    create: async (digest) => {
      return tolerantWriter(await tolerance.orFault(() => blobs.create(digest)), tolerance)
    },
    resume: async (digest, options) => {
      return tolerantWriter(await tolerance.orFault(() => blobs.resume(digest, options)), tolerance)
    },
    remove: (digest) => tolerance.orElse(undefined, () => blobs.remove(digest)),
    isShared: (digest) => tolerance.orElse(false, () => blobs.isShared(digest)),
    removePartials: (unusedForMs) => tolerance.orElse(0, () => blobs.removePartials(unusedForMs)),
    list: () => blobs.list(),
    listNames: () => blobs.listNames(),
    check: (digest, options) => tolerance.orFault(() => blobs.check(digest, options)),
    quarantine: (name, why, mark) =>
      tolerance.orElse(false, () => blobs.quarantine(name, why, mark)),
    release: (digest) => tolerance.orElse(false, () => blobs.release(digest)),
  }
}

function tolerantReader(reader: BlobReader, tolerance: Tolerance): BlobReader {
  return {
    sizeBytes: reader.sizeBytes,
    read: (buffer, position) => tolerance.orFault(() => reader.read(buffer, position)),
    close: () => tolerance.orElse(undefined, () => reader.close()),
  }
}

function tolerantWriter(writer: BlobWriter, tolerance: Tolerance): BlobWriter {
  return {
    get writtenBytes() {
      return writer.writtenBytes
    },
    append: (chunks) => tolerance.orFault(() => writer.append(chunks)),
    copyCheck: () => writer.copyCheck(),
    findPlace: () => tolerance.orFault(() => writer.findPlace()),
    read: (buffer, position) => tolerance.orFault(() => writer.read(buffer, position)),
    verify: () => writer.verify(),
    keep: () => tolerance.orFault(() => writer.keep()),
    discard: () => tolerance.orFault(() => writer.discard()),
    close: () => tolerance.orFault(() => writer.close()),
  }
}
