import type { Digest } from '../oci/digest.ts'
import { DigestMismatchError } from '../oci/digest-check.ts'
import { RegistryError } from '../oci/registry-error.ts'
import type { Repository } from '../oci/repository.ts'
import type { DigestHolds } from '../store/digest-holds.ts'
import type { HostedRecords } from '../store/hosted-records.ts'
import type { StoreHealth } from '../store/store-health.ts'
import type { Upload } from '../store/upload-store.ts'
import { needingRoom } from './needing-room.ts'
import type { OpenUploads } from './open-uploads.ts'
import { freeMemory } from './own-memory.ts'
import { isUploadOf, newUploadId } from './upload-id.ts'
import type { UploadPlaces } from './upload-places.ts'

type Settings = {
  readonly open: OpenUploads
  readonly places: UploadPlaces
  readonly records: Pick<HostedRecords, 'announceBlob' | 'linkPushed'>
  readonly holds: DigestHolds
  readonly health: Pick<StoreHealth, 'note'>
  /** Hears of every piece that comes. */
  readonly onGrown: (repository: Repository) => void
  readonly now: () => number
}

/** A session as its client sees it (distribution-spec §Pushing a blob in chunks). */
export type UploadState = { readonly id: string; readonly sizeBytes: number }

/**
 * One request's hold on an upload. Where the disk has no room for it the upload is at its end, and
 * RegistryError UNAVAILABLE is thrown.
 */
export interface UploadWriter extends UploadState {
  /** The chunks are its own from then on: their memory is freed as soon as they are written. */
  append(chunks: readonly Uint8Array[]): Promise<void>
  /**
   * The repository has the blob, on the disk, when it resolves, and the upload is at its end. Throws
   * RegistryError DIGEST_INVALID, after which the upload goes on.
   */
  finish(digest: Digest): Promise<void>
  /** Takes back what was written: the upload is at its end. */
  cancel(): Promise<void>
  /** Lets the next request have it. */
  close(): Promise<void>
}

/** Pushes of blobs, from their beginning to the moment in which the repository has them. */
export class Uploads {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /**
   * Throws RegistryError UNAVAILABLE where there is no room for it, and TOOMANYREQUESTS where the client
   * has too many.
   */
  async begin(repository: Repository, client: string): Promise<UploadWriter> {
    const id = newUploadId(repository)
    const { open, places, health } = this.#settings
    const abandoned = places.take(id, client)
    try {
      if (abandoned !== undefined) await open.discard(abandoned)
      const upload = await needingRoom(() => open.begin(id), { health })
      return this.#hold(repository, id, upload)
    } catch (error) {
      places.free(id)
      throw error
    }
  }

  /** Throws RegistryError BLOB_UPLOAD_UNKNOWN. */
  async describe(repository: Repository, id: string): Promise<UploadState> {
    const found = isUploadOf(repository, id) ? await this.#settings.open.find(id) : undefined
    if (found === undefined) throw unknown(id)
    return { id, sizeBytes: found }
  }

  /**
   * Goes on with an upload; `start`, where the client says where what it sends belongs, must be its end.
   * Throws RegistryError BLOB_UPLOAD_UNKNOWN, and BLOB_UPLOAD_INVALID as 416 where it isn't, or another
   * request has the upload, which is as it was then.
   */
  async resume(repository: Repository, id: string, start?: number): Promise<UploadWriter> {
    const { open, places } = this.#settings
    if (!isUploadOf(repository, id)) throw unknown(id)
    const upload = await open.take(id)
    if (upload === 'busy') throw busy()
    if (!upload) {
      places.free(id)
      throw unknown(id)
    }
    const { writtenBytes } = upload
    if (start === undefined || start === writtenBytes) return this.#hold(repository, id, upload)
    open.give(id, upload)
    throw outOfOrder(start, writtenBytes)
  }

  #hold(repository: Repository, id: string, upload: Upload): UploadWriter {
    const { open, places, records, holds, health, onGrown, now } = this.#settings
    let isEnded = false
    places.hold(id)
    const end = async () => {
      isEnded = true
      places.free(id)
      await open.end(id, upload)
    }
    const giveUp = async () => {
      if (isEnded) return
      try {
        await upload.discard()
      } finally {
        await end()
      }
    }
    // Its client begins another each time, and the rest of this one would keep the disk full for a day.
    const keeping = (act: () => Promise<void>) => needingRoom(act, { health, giveUp })
    return {
      id,
      get sizeBytes() {
        return upload.writtenBytes
      },
      append: async (chunks) => {
        onGrown(repository)
        await keeping(() => upload.append(chunks)).finally(() => freeMemory(chunks))
      },
      finish: (digest) =>
        keeping(() =>
          holds.during(digest, async () => {
            const blob = { digest, sizeBytes: upload.writtenBytes }
            const announce = () => records.announceBlob(blob, now())
            await keepOr(giveUp, () => upload.keep(digest, announce))
            await end()
            await records.linkPushed(repository, [blob], now())
          }),
        ),
      cancel: giveUp,
      close: async () => {
        if (isEnded) return
        isEnded = true
        places.leave(id)
        open.give(id, upload)
      },
    }
  }
}

/** What may not have reached the disk isn't tried again. Throws RegistryError DIGEST_INVALID. */
async function keepOr(giveUp: () => Promise<void>, keep: () => Promise<void>): Promise<void> {
  try {
    await keep()
  } catch (error) {
    if (error instanceof DigestMismatchError) throw mismatch(error)
    await giveUp()
    throw error
  }
}

function unknown(id: string): RegistryError {
  const what = `there is no upload ${JSON.stringify(id.slice(0, 60))} in this repository: it has ended, or nobody went on with it for a day. Begin another`
  return new RegistryError('BLOB_UPLOAD_UNKNOWN', what)
}

function busy(): RegistryError {
  const what =
    'another request is writing to this upload, and only one can at a time: wait until it has ended, or end it by closing its connection. Then ask for the state with GET and go on from there, or cancel with DELETE'
  return new RegistryError('BLOB_UPLOAD_INVALID', what, { status: 416 })
}

function outOfOrder(start: number, sizeBytes: number): RegistryError {
  const what = `the upload has ${sizeBytes} bytes, and what was sent begins at ${start}: send what begins at ${sizeBytes}`
  return new RegistryError('BLOB_UPLOAD_INVALID', what, { status: 416 })
}

function mismatch({ expected, actual }: DigestMismatchError): RegistryError {
  const what = `what was uploaded is ${actual}, not ${expected}`
  return new RegistryError('DIGEST_INVALID', what)
}
