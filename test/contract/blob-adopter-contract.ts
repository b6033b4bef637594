import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import { DigestMismatchError } from '../../src/oci/digest-check.ts'
import { type BlobAdopter, ForeignFileError } from '../../src/store/blob-adopter.ts'
import type { BlobStore } from '../../src/store/blob-store.ts'
import { putBlob, readBlob } from '../../src/store/put-blob.ts'

/** A store, and a folder beside it for the files of others; empty at first. */
export type AdopterPlace = {
  readonly blobs: BlobStore
  readonly adopter: BlobAdopter
  readonly foreign: string
  remove(): Promise<void>
}

const content = Buffer.from('the content of a blob')
const digest = digestOf(content)

/** What every BlobAdopter promises. */
export function testBlobAdopter(makePlace: () => Promise<AdopterPlace>): void {
  let place: AdopterPlace
  let file: string

  beforeEach(async () => {
    place = await makePlace()
    file = join(place.foreign, 'data')
    await writeFile(file, content)
  })
  afterEach(() => place.remove())

  const expectNothing = async () => expect(await Array.fromAsync(place.blobs.list())).toEqual([])

  describe('a file that is right', () => {
    test('is kept, and stays as it is', async () => {
      const { sizeBytes } = await place.adopter.adopt(file, digest)
      expect(sizeBytes).toBe(content.length)
      expect(await readBlob(place.blobs, digest)).toEqual(content)
      expect(await readFile(file)).toEqual(content)
    })

    test('may have a sha512 digest, also besides its sha256', async () => {
      const long = digestOf(content, 'sha512')
      await place.adopter.adopt(file, digest)
      await place.adopter.adopt(file, long)
      expect(await readBlob(place.blobs, long)).toEqual(content)
      expect(await readBlob(place.blobs, digest)).toEqual(content)
    })

    test('may be empty, or larger than what is read at once', async () => {
      for (const bytes of [Buffer.alloc(0), Buffer.alloc(2_500_000, 'x')]) {
        await writeFile(file, bytes)
        const { sizeBytes } = await place.adopter.adopt(file, digestOf(bytes))
        expect(sizeBytes).toBe(bytes.length)
        expect(await readBlob(place.blobs, digestOf(bytes))).toEqual(bytes)
      }
    })

    test('can be checked, and is not kept by that', async () => {
      expect(await place.adopter.check(file, digest)).toBe(content.length)
      const wrong = place.adopter.check(file, digestOf(Buffer.from('something else')))
      await expect(wrong).rejects.toThrow(DigestMismatchError)
      const missing = place.adopter.check(join(place.foreign, 'missing'), digest)
      await expect(missing).rejects.toThrow(ForeignFileError)
      await expectNothing()
    })

    test('may be taken again', async () => {
      await place.adopter.adopt(file, digest)
      await place.adopter.adopt(file, digest)
      expect(await readBlob(place.blobs, digest)).toEqual(content)
    })

    test('takes the place of what is kept', async () => {
      await putBlob(place.blobs, digest, content)
      await place.adopter.adopt(file, digest)
      expect(await readBlob(place.blobs, digest)).toEqual(content)
    })
  })

  describe('a file that is wrong', () => {
    test('is said to be, with what was found, and is not kept', async () => {
      const other = digestOf(Buffer.from('something else'))
      const adopting = place.adopter.adopt(file, other)
      const error = await adopting.catch((thrown) => thrown)
      expect(error).toBeInstanceOf(DigestMismatchError)
      expect(error).toMatchObject({ expected: other, actual: digest })
      await expectNothing()
    })

    test('leaves what is kept', async () => {
      await putBlob(place.blobs, digest, content)
      await writeFile(file, content.subarray(1))
      await expect(place.adopter.adopt(file, digest)).rejects.toThrow(DigestMismatchError)
      expect(await readBlob(place.blobs, digest)).toEqual(content)
    })

    test('is told from a store that is', async () => {
      await mkdir(join(place.foreign, 'folder'))
      for (const name of ['missing', 'folder', 'data/below']) {
        const path = join(place.foreign, name)
        const adopting = place.adopter.adopt(path, digest)
        const error = await adopting.catch((thrown) => thrown)
        expect(error, name).toBeInstanceOf(ForeignFileError)
        expect(error.message).toContain(path)
      }
      await expectNothing()
    })
  })
}
