import { afterEach, beforeEach, expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import { DigestMismatchError } from '../../src/oci/digest-check.ts'
import type { BlobStore } from '../../src/store/blob-store.ts'
import { readBlob } from '../../src/store/put-blob.ts'
import type { Upload, UploadStore } from '../../src/store/upload-store.ts'

export type UploadPlace = {
  /** Opens it; again, as a later run of the server does. */
  open(): Promise<{ readonly uploads: UploadStore; readonly blobs: BlobStore }>
  /** Takes the place away with all it holds. */
  remove(): Promise<void>
}

const content = Buffer.from('the content of a blob')
const digest = digestOf(content)
const [begin, rest] = [content.subarray(0, 8), content.subarray(8)]
const id = '0b9e3a52-upload'

/** What every UploadStore promises, wherever it keeps uploads. */
export function testUploadStore(makePlace: () => Promise<UploadPlace>): void {
  let place: UploadPlace
  let uploads: UploadStore
  let blobs: BlobStore
  const open = new Set<Upload>()

  beforeEach(async () => {
    place = await makePlace()
    ;({ uploads, blobs } = await place.open())
  })
  afterEach(async () => {
    for (const upload of open) await close(upload)
    await place.remove()
  })

  async function close(upload: Upload): Promise<void> {
    open.delete(upload)
    await upload.close()
  }

  function opened<T extends Upload | undefined>(upload: T): T {
    if (upload) open.add(upload)
    return upload
  }

  async function start(...chunks: readonly Uint8Array[]): Promise<Upload> {
    const upload = opened(await uploads.create(id))
    await upload.append(chunks)
    return upload
  }

  async function resume(): Promise<Upload> {
    const upload = opened(await uploads.resume(id))
    if (!upload) throw new Error('there is no such upload')
    return upload
  }

  test.each(['sha256', 'sha512'] as const)(
    'content becomes a blob by its %s',
    async (algorithm) => {
      const upload = await start(begin)
      await upload.append([rest])
      expect(upload.writtenBytes).toBe(content.length)
      const wanted = digestOf(content, algorithm)
      await upload.keep(wanted)
      expect(await readBlob(blobs, wanted)).toEqual(content)
      expect(await uploads.find(id)).toBeUndefined()
    },
  )

  test('no content at all becomes a blob', async () => {
    const upload = await start()
    const empty = digestOf(Buffer.alloc(0))
    await upload.keep(empty)
    expect(await readBlob(blobs, empty)).toHaveLength(0)
  })

  test('it is announced once it is known to be right, and before it can be found', async () => {
    const upload = await start(content)
    const announced: (Buffer | undefined)[] = []
    const announce = async () => void announced.push(await readBlob(blobs, digest))
    const wrong = digestOf(begin)
    await expect(upload.keep(wrong, announce)).rejects.toThrow(DigestMismatchError)
    expect(announced).toEqual([])
    await upload.keep(digest, announce)
    expect(announced).toEqual([undefined])
    expect(await readBlob(blobs, digest)).toEqual(content)
  })

  test('where that fails nothing has changed', async () => {
    const upload = await start(content)
    const failing = upload.keep(digest, () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect(await readBlob(blobs, digest)).toBeUndefined()
    await upload.keep(digest)
    expect(await readBlob(blobs, digest)).toEqual(content)
  })

  test('a blob that is kept already is kept', async () => {
    await (await start(content)).keep(digest)
    const again = opened(await uploads.create('another'))
    await again.append([content])
    await again.keep(digest)
    expect(await readBlob(blobs, digest)).toEqual(content)
  })

  test.each(['sha256', 'sha512'] as const)('a wrong %s changes nothing', async (algorithm) => {
    const upload = await start(begin)
    const wrong = digestOf(content, algorithm)
    await expect(upload.keep(wrong)).rejects.toThrow(DigestMismatchError)
    expect(await blobs.find(wrong)).toBeUndefined()
    await upload.append([rest])
    await upload.keep(wrong)
    expect(await readBlob(blobs, wrong)).toEqual(content)
  })

  test('one that was closed is gone on with', async () => {
    await close(await start(begin))
    expect(await uploads.find(id)).toBe(begin.length)
    const upload = await resume()
    expect(upload.writtenBytes).toBe(begin.length)
    await upload.append([rest])
    await upload.keep(digest)
    expect(await readBlob(blobs, digest)).toEqual(content)
  })

  test('one that an earlier run left is gone on with', async () => {
    await close(await start(begin))
    ;({ uploads, blobs } = await place.open())
    const upload = await resume()
    await upload.append([rest])
    await upload.keep(digest)
    expect(await readBlob(blobs, digest)).toEqual(content)
  })

  test('one that is open has nobody beside it', async () => {
    await start(begin)
    await expect(uploads.resume(id)).rejects.toThrow('open already')
    await expect(uploads.create(id)).rejects.toThrow('open already')
  })

  test('one that is discarded is gone', async () => {
    const upload = await start(begin)
    await upload.discard()
    await close(upload)
    expect(await uploads.find(id)).toBeUndefined()
    expect(await uploads.resume(id)).toBeUndefined()
  })

  test('one that is removed is gone, and removing none is no error', async () => {
    await close(await start(begin))
    await uploads.remove(id)
    expect(await uploads.find(id)).toBeUndefined()
    await uploads.remove(id)
    expect(await uploads.create(id).then(opened)).toMatchObject({ writtenBytes: 0 })
  })

  test('one that never was can’t be gone on with', async () => {
    expect(await uploads.find(id)).toBeUndefined()
    expect(await uploads.resume(id)).toBeUndefined()
    expect(await uploads.create(id).then(opened)).toMatchObject({ writtenBytes: 0 })
  })

  test('what was kept is not taken back', async () => {
    const upload = await start(content)
    await upload.keep(digest)
    await upload.discard()
    expect(await readBlob(blobs, digest)).toEqual(content)
    await expect(upload.append([rest])).rejects.toThrow('kept')
  })
}
