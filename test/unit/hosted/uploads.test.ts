import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OpenUploads } from '../../../src/hosted/open-uploads.ts'
import { UploadPlaces } from '../../../src/hosted/upload-places.ts'
import { Uploads, type UploadWriter } from '../../../src/hosted/uploads.ts'
import { digestOf } from '../../../src/oci/digest.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { readBlob } from '../../../src/store/put-blob.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const app = parseRepository('team/app')
const other = parseRepository('team/other')
const content = Buffer.from('the content of a blob')
const digest = digestOf(content)
const [begin, rest] = [content.subarray(0, 8), content.subarray(8)]

let directory: TemporaryDirectory
let stores: Stores
let open: OpenUploads
let uploads: Uploads
const writers = new Set<UploadWriter>()

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  await start()
})
afterEach(async () => {
  await stop()
  await directory.remove()
})

async function start(): Promise<void> {
  const onError = (error: unknown) => {
    throw error
  }
  const callbacks = { onError, onFault: onError, onRecovered: () => {} }
  stores = await openStores(directory.path, callbacks)
  open = new OpenUploads({ uploads: stores.uploads, onError })
  const { hosted: records, holds, health } = stores
  const now = () => 1000
  const places = new UploadPlaces(100, now)
  uploads = new Uploads({ open, places, records, holds, health, onGrown: () => {}, now })
}

async function stop(): Promise<void> {
  for (const writer of writers) await writer.close()
  writers.clear()
  await open.close()
  await stores.close()
}

function held(writer: UploadWriter): UploadWriter {
  writers.add(writer)
  return writer
}

/** An upload with the beginning of the content. */
async function uploadBegin(): Promise<string> {
  const writer = held(await uploads.begin(app, 'a client'))
  await writer.append([begin])
  await writer.close()
  return writer.id
}

const refusing = (code: string, status: number, message: string) =>
  expect.objectContaining({ code, status, message: expect.stringContaining(message) })

describe('an upload', () => {
  test('in one piece makes a blob that its repository has', async () => {
    const writer = held(await uploads.begin(app, 'a client'))
    await writer.append([begin, rest])
    await writer.finish(digest)
    expect(await readBlob(stores.blobs, digest)).toEqual(content)
    expect((await stores.hosted.findPushedBlob(app, digest))?.sizeBytes).toBe(content.length)
    expect(await stores.hosted.findPushedBlob(other, digest)).toBeUndefined()
    await writer.close()
    await expect(uploads.describe(app, writer.id)).rejects.toThrow('no upload')
  })

  test('frees the memory of what it has written, unless that is a part of something larger', async () => {
    const writer = held(await uploads.begin(app, 'a client'))
    const [own, shared] = [
      new Uint8Array(begin),
      Buffer.from(rest.buffer, rest.byteOffset, rest.length),
    ]
    await writer.append([own, shared])
    expect([own.length, shared.length]).toEqual([0, rest.length])
    await writer.finish(digest)
    expect(await readBlob(stores.blobs, digest)).toEqual(content)
  })

  test('goes on in another request, where the one before it ended', async () => {
    const id = await uploadBegin()
    expect(await uploads.describe(app, id)).toEqual({ id, sizeBytes: begin.length })
    const writer = held(await uploads.resume(app, id, begin.length))
    await writer.append([rest])
    await writer.finish(digest)
    expect(await readBlob(stores.blobs, digest)).toEqual(content)
  })

  test('goes on after a restart of the server', async () => {
    const id = await uploadBegin()
    await stop()
    await start()
    expect(await uploads.describe(app, id)).toEqual({ id, sizeBytes: begin.length })
    const writer = held(await uploads.resume(app, id))
    await writer.append([rest])
    await writer.finish(digest)
    expect(await readBlob(stores.blobs, digest)).toEqual(content)
  })

  test('that is cancelled is gone', async () => {
    const id = await uploadBegin()
    await held(await uploads.resume(app, id)).cancel()
    await expect(uploads.resume(app, id)).rejects.toThrow('no upload')
  })

  test('of something else goes on after that was said', async () => {
    const id = await uploadBegin()
    const writer = held(await uploads.resume(app, id))
    const wrong = refusing('DIGEST_INVALID', 400, `not ${digest}`)
    await expect(writer.finish(digest)).rejects.toThrow(wrong)
    await writer.append([rest])
    await writer.finish(digest)
    expect(await readBlob(stores.blobs, digest)).toEqual(content)
  })
})

describe('what is refused', () => {
  test.each([0, 7, 9])(
    'what begins at %i, out of order; the upload is as it was',
    async (start) => {
      const id = await uploadBegin()
      const disordered = refusing('BLOB_UPLOAD_INVALID', 416, 'send what begins at 8')
      await expect(uploads.resume(app, id, start)).rejects.toThrow(disordered)
      expect(await uploads.describe(app, id)).toMatchObject({ sizeBytes: begin.length })
      expect(held(await uploads.resume(app, id, begin.length)).sizeBytes).toBe(begin.length)
    },
  )

  test('a second request beside one that writes', async () => {
    const id = await uploadBegin()
    const writer = held(await uploads.resume(app, id))
    const busy = refusing('BLOB_UPLOAD_INVALID', 416, 'another request')
    await expect(uploads.resume(app, id)).rejects.toThrow(busy)
    await expect(uploads.resume(app, id)).rejects.toThrow('cancel with DELETE')
    await writer.close()
    expect(held(await uploads.resume(app, id)).sizeBytes).toBe(begin.length)
  })

  test.each([
    ['another repository’s', (id: string) => [other, id] as const],
    ['one that never was', (id: string) => [app, id.replace(/^.{8}/, '00000000')] as const],
    ['what is no id', () => [app, '../../etc/passwd'] as const],
  ])('an upload that is %s', async (_, choose) => {
    const [repository, id] = choose(await uploadBegin())
    const unknown = refusing('BLOB_UPLOAD_UNKNOWN', 404, 'no upload')
    await expect(uploads.describe(repository, id)).rejects.toThrow(unknown)
    await expect(uploads.resume(repository, id)).rejects.toThrow(unknown)
  })
})
