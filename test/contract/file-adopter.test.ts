import {
  chmod,
  chown,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { digestHex, digestOf } from '../../src/oci/digest.ts'
import type { BlobAdopter } from '../../src/store/blob-adopter.ts'
import { FileBlobStore } from '../../src/store/file/file-blob-store.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'
import { testBlobAdopter } from './blob-adopter-contract.ts'
import { throwError } from './file-blob-place.ts'

const content = Buffer.from('the content of a blob')
const digest = digestOf(content)

describe('a folder', () => {
  testBlobAdopter(async () => {
    const directory = await makeTemporaryDirectory()
    const blobs = await FileBlobStore.open(join(directory.path, 'data'), throwError)
    const foreign = join(directory.path, 'foreign')
    await mkdir(foreign)
    const remove = async () => {
      await blobs.close()
      await directory.remove()
    }
    return { blobs, adopter: blobs.adoptBy((wanted) => blobs.create(wanted)), foreign, remove }
  })
})

describe('a file on the file system of the data folder', () => {
  let directory: TemporaryDirectory
  let blobs: FileBlobStore
  let adopter: BlobAdopter
  let file: string
  const inside = (...names: string[]) => join(directory.path, ...names)
  const kept = () => inside('data', 'blobs', 'sha256', digestHex(digest))
  const listPartial = () => readdir(inside('data', 'partial'))

  beforeEach(async () => {
    directory = await makeTemporaryDirectory()
    blobs = await FileBlobStore.open(inside('data'), throwError)
    adopter = blobs.adoptBy((wanted) => blobs.create(wanted))
    file = inside('layer')
    await writeFile(file, content)
  })
  afterEach(async () => {
    await blobs.close()
    await directory.remove()
  })

  test('gets a second name, and takes no room', async () => {
    const before = await stat(file)
    expect((await adopter.adopt(file, digest)).isLinked).toBe(true)
    const { ino, mode, mtimeMs, nlink } = await stat(kept())
    expect([ino, mode, mtimeMs, nlink]).toEqual([before.ino, before.mode, before.mtimeMs, 2])
    expect(await listPartial()).toEqual([])
  })

  test('has no third name after it was taken again', async () => {
    await adopter.adopt(file, digest)
    await adopter.adopt(file, digest)
    expect((await stat(file)).nlink).toBe(2)
    expect(await listPartial()).toEqual([])
  })

  test('leaves no name in partial/ when it is wrong', async () => {
    await expect(adopter.adopt(file, digestOf(Buffer.from('x')))).rejects.toThrow()
    expect([await listPartial(), (await stat(file)).nlink]).toEqual([[], 1])
  })

  test('outlives its first name', async () => {
    await adopter.adopt(file, digest)
    await rm(file)
    expect(await readFile(kept())).toEqual(content)
  })

  test('is copied where its name is a symbolic link', async () => {
    await symlink(file, inside('link'))
    expect((await adopter.adopt(inside('link'), digest)).isLinked).toBe(false)
    expect((await stat(kept())).nlink).toBe(1)
    expect(await readFile(kept())).toEqual(content)
    expect(await listPartial()).toEqual([])
  })

  test('is copied where its link was taken for something left long ago', async () => {
    const large = Buffer.alloc(32_000_000, 'x')
    await writeFile(file, large)
    const adopting = adopter.adopt(file, digestOf(large))
    let names: readonly string[] = []
    while (names.length === 0) names = await listPartial()
    for (const name of names) await rm(inside('data', 'partial', name))
    expect((await adopting).isLinked).toBe(false)
    expect(await blobs.find(digestOf(large))).toBe(large.length)
    expect(await listPartial()).toEqual([])
  })

  test.runIf(process.getuid?.() === 0)(
    'is copied where the owner of the data folder may not read it',
    async () => {
      await chown(inside('data', 'partial'), 12_345, 12_345)
      await chmod(file, 0o600)
      expect((await adopter.adopt(file, digest)).isLinked).toBe(false)
      expect((await stat(kept())).mode & 0o777).toBe(0o644)
    },
  )
})
