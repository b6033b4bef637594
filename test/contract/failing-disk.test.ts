import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import SqliteDriver from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { digestOf } from '../../src/oci/digest.ts'
import { ociManifest } from '../../src/oci/media-type.ts'
import type { Tag } from '../../src/oci/reference.ts'
import { parseRepository } from '../../src/oci/repository.ts'
import { dockerHub } from '../../src/oci/upstream-name.ts'
import { openStores, type Stores } from '../../src/store/open-stores.ts'
import { putBlob } from '../../src/store/put-blob.ts'
import { StoreFaultError } from '../../src/store/store-fault.ts'
import { tolerantStores } from '../../src/store/tolerant-stores.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'

const content = Buffer.from('the content of a blob')
const digest = digestOf(content)
const source = { upstream: dockerHub, repository: parseRepository('library/alpine') }
const latest = 'latest' as Tag
const isGone = 'the data folder is gone (ENOENT)'

describe('stores whose disk fails', () => {
  let directory: TemporaryDirectory
  let stores: Stores
  let tolerant: Stores
  let told: string[]
  const inside = (...names: string[]) => join(directory.path, ...names)

  beforeEach(async () => {
    directory = await makeTemporaryDirectory()
    told = []
    stores = await openStores(directory.path, {
      onError: (_error, what) => told.push(what),
      onFault: (message) => told.push(message),
      onRecovered: () => told.push('recovered'),
    })
    tolerant = tolerantStores(stores)
    await putBlob(tolerant.blobs, digest, content)
  })
  afterEach(async () => {
    await stores.close()
    await directory.remove()
  })

  /** Every name under `table` is gone, as a damaged database might have it. */
  function dropTables(): void {
    const database = new SqliteDriver(inside('entrepot.db'))
    const rows = database.prepare("select name from sqlite_schema where type = 'table'").all()
    for (const { name } of rows as { name: string }[]) {
      if (!name.startsWith('sqlite_')) database.exec(`drop table ${name}`)
    }
    database.close()
  }

  describe('are found out by a check', () => {
    test('which leaves nothing behind where all is well', async () => {
      expect(await stores.health.check()).toBeUndefined()
      expect(told).toEqual([])
      expect(await readdir(inside('partial'))).toEqual([])
    })

    test.each([['partial'], ['blobs'], [join('blobs', 'sha512')]])('without %s', async (name) => {
      await rename(inside(name), inside('elsewhere'))
      expect(await stores.health.check()).toBe(isGone)
      expect(stores.health.fault).toBe(isGone)
      await rename(inside('elsewhere'), inside(name))
      expect(await stores.health.check()).toBeUndefined()
      expect(told).toEqual([isGone, 'recovered'])
    })

    test('with a database that cannot be written', async () => {
      dropTables()
      expect(await stores.health.check()).toBe("the data folder can't be used (SQLITE_ERROR)")
    })
  })

  describe('without a database', () => {
    beforeEach(dropTables)

    test('know nothing', async () => {
      const { metadata } = tolerant
      expect(await metadata.findBlob(digest)).toBeUndefined()
      expect(await metadata.isBlobLinked(source, digest)).toBe(false)
      expect(await metadata.findChildSize(source, digest)).toBeUndefined()
      expect(await metadata.findImage(source, digest)).toBeUndefined()
      expect(await metadata.isManifestKept(digest)).toBe(false)
      expect(await metadata.isManifest(source, digest)).toBe(false)
      expect(await metadata.listRepositories({ limit: 10 })).toEqual([])
      expect(await metadata.findTag(source, latest)).toBeUndefined()
      expect(await metadata.listTags(source)).toEqual([])
      expect(await metadata.findTagList(source)).toBeUndefined()
      expect(await metadata.findReferrers(source, digest)).toBeUndefined()
      expect(told).toEqual(["the data folder can't be used (SQLITE_ERROR)"])
    })

    test('pass over what is to be noted', async () => {
      const { metadata } = tolerant
      const blob = { digest, sizeBytes: 1, upstream: source.upstream, firstFetchedAt: 1000 }
      await metadata.recordBlob(blob)
      await metadata.linkBlob(source, digest)
      await metadata.recordAccesses({ blobs: new Map([[digest, 1000]]), images: [] })
      await metadata.recordImage(source, {
        ...blob,
        mediaType: ociManifest,
        artifactType: undefined,
        subject: undefined,
        children: [],
      })
      await metadata.recordTag(source, latest, { digest, checkedAt: 1000 })
      await metadata.recordTagList(source, { entries: [], fetchedAt: 1000 })
      await metadata.recordReferrers(source, digest, { entries: [], fetchedAt: 1000 })
      expect(stores.health.fault).toBe("the data folder can't be used (SQLITE_ERROR)")
    })

    test('still serve content', async () => {
      expect(await tolerant.blobs.find(digest)).toBe(content.length)
    })

    test('do not pretend to switch anything', async () => {
      await expect(tolerant.metadata.findSwitch('offline')).rejects.toThrow('no such table')
      await expect(tolerant.metadata.recordSwitch('offline', true)).rejects.toThrow('no such table')
      await expect(tolerant.metadata.ping()).rejects.toThrow('no such table')
      expect(told).toEqual([])
    })

    test('say of access times that they are lost, and close all the same', async () => {
      tolerant.accessTimes.touchBlob(digest, 2000)
      await stores.close()
      expect(told).toEqual(["the last access times couldn't be written"])
    })
  })

  describe('without a folder', () => {
    test('begin nothing, and say why', async () => {
      await rename(inside('partial'), inside('elsewhere'))
      for (const begin of ['create', 'resume'] as const) {
        const error = await tolerant.blobs[begin](digest, { owner: 'docker.io' }).catch(
          (caught: unknown) => caught,
        )
        expect(error).toBeInstanceOf(StoreFaultError)
        expect(error).toMatchObject({ message: isGone, cause: { code: 'ENOENT' } })
      }
      expect(told).toEqual([isGone])
      await rename(inside('elsewhere'), inside('partial'))
      await vi.waitFor(async () => expect(await stores.health.check()).toBeUndefined(), 5_000)
      await putBlob(tolerant.blobs, digest, content)
      expect(told).toEqual([isGone, 'recovered'])
    })

    test('find nothing, and nothing is wrong with that', async () => {
      await rename(inside('blobs'), inside('elsewhere'))
      expect(await tolerant.blobs.find(digest)).toBeUndefined()
      expect(await tolerant.blobs.open(digest)).toBeUndefined()
      await expect(tolerant.blobs.remove(digest)).resolves.toBeUndefined()
      expect(told).toEqual([])
    })

    test('keep nothing of what grew meanwhile', async () => {
      const writer = await tolerant.blobs.resume(digest, { owner: 'docker.io' })
      await writer.append([content])
      await rename(inside('blobs'), inside('elsewhere'))
      writer.verify()
      await expect(writer.keep()).rejects.toThrow(StoreFaultError)
      await writer.discard()
      await writer.close()
      expect(told).toEqual([isGone])
    })

    test('find nothing where the folder became a file', async () => {
      await rename(inside('blobs'), inside('elsewhere'))
      await rename(inside('elsewhere', 'sha256', digest.slice(7)), inside('blobs'))
      expect(await tolerant.blobs.find(digest)).toBeUndefined()
      expect(await tolerant.blobs.open(digest)).toBeUndefined()
      await tolerant.blobs.remove(digest)
      expect(told).toEqual(['the data folder is gone (ENOTDIR)'])
    })
  })
})
