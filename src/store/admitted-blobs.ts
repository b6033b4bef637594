import type { BlobStore, BlobWriter } from './blob-store.ts'
import type { DiskRoom } from './disk-room.ts'
import type { Upload, UploadStore } from './upload-store.ts'

/** What is written is admitted first. Every write throws LowSpaceError where it isn't. */
export function admittedBlobs(blobs: BlobStore, room: DiskRoom): BlobStore {
  return {
    find: (digest) => blobs.find(digest),
    open: (digest) => blobs.open(digest),
    create: async (digest) => {
      await room.admit(0)
      return admittedWriter(await blobs.create(digest), room)
    },
    resume: async (digest, options) => {
      await room.admit(0)
      return admittedWriter(await blobs.resume(digest, options), room)
    },
    remove: (digest) => blobs.remove(digest),
    isShared: (digest) => blobs.isShared(digest),
    removePartials: (unusedForMs) => blobs.removePartials(unusedForMs),
    list: () => blobs.list(),
    listNames: () => blobs.listNames(),
    check: (digest, options) => blobs.check(digest, options),
    quarantine: (name, why, mark) => blobs.quarantine(name, why, mark),
    release: (digest) => blobs.release(digest),
  }
}

/** As `admittedBlobs`. */
export function admittedUploads(uploads: UploadStore, room: DiskRoom): UploadStore {
  return {
    create: async (id) => {
      await room.admit(0)
      return admittedUpload(await uploads.create(id), room)
    },
    resume: async (id) => {
      const upload = await uploads.resume(id)
      return upload && admittedUpload(upload, room)
    },
    remove: (id) => uploads.remove(id),
    find: (id) => uploads.find(id),
  }
}

function admittedWriter(writer: BlobWriter, room: DiskRoom): BlobWriter {
  return {
    get writtenBytes() {
      return writer.writtenBytes
    },
    append: async (chunks) => {
      await room.admit(totalLength(chunks))
      await writer.append(chunks)
    },
    copyCheck: () => writer.copyCheck(),
    findPlace: () => writer.findPlace(),
    read: (buffer, position) => writer.read(buffer, position),
    verify: () => writer.verify(),
    keep: () => writer.keep(),
    discard: () => writer.discard(),
    close: () => writer.close(),
  }
}

function admittedUpload(upload: Upload, room: DiskRoom): Upload {
  return {
    get writtenBytes() {
      return upload.writtenBytes
    },
    append: async (chunks) => {
      await room.admit(totalLength(chunks))
      await upload.append(chunks)
    },
    keep: (digest, announce) => upload.keep(digest, announce),
    discard: () => upload.discard(),
    close: () => upload.close(),
  }
}

function totalLength(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, { length }) => sum + length, 0)
}
