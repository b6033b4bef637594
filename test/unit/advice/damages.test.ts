import { afterEach, beforeEach, expect, test } from 'vitest'
import { Damages } from '../../../src/advice/damages.ts'
import { digestOf } from '../../../src/oci/digest.ts'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { putBlob } from '../../../src/store/put-blob.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const silent = { onError: () => {}, onFault: () => {}, onRecovered: () => {} }
const content = Buffer.from('a layer')
const digest = digestOf(content)

let directory: TemporaryDirectory
let stores: Stores
let damages: Damages

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  stores = await openStores(directory.path, silent)
  damages = new Damages(stores)
  await stores.metadata.recordBlob({
    digest,
    sizeBytes: content.length,
    upstream: dockerHub,
    firstFetchedAt: 1_000,
  })
})

afterEach(async () => {
  await stores.close()
  await directory.remove()
})

const tell = (healed: boolean, what: string = digest, at = 1_000) => {
  const data = { what, finding: 'wrong bytes', outcome: 'lost', healed, images: [] }
  const event = { id: String(at), source: 's', at, isPassing: false } as const
  damages.hear({ ...event, kind: 'verification-failed', data })
}

const list = async () => (await damages.list()).map(({ data }) => data.what)

test('what is damaged and isn’t healed is listed until it is', async () => {
  tell(false)
  tell(false, 'sha256/.DS_Store')
  expect(await list()).toEqual([digest, 'sha256/.DS_Store'])
  tell(true)
  tell(true, 'sha256/.DS_Store')
  expect(await list()).toEqual([])
})

test('what healed itself at once never is', async () => {
  tell(true)
  expect(await list()).toEqual([])
})

test('what was moved away is over once it is pushed or pulled again', async () => {
  tell(false)
  expect(await list()).toEqual([digest])
  await putBlob(stores.blobs, digest, content)
  expect(await list()).toEqual([])
})

test('what couldn’t even be moved away stays, though there is a file', async () => {
  await putBlob(stores.blobs, digest, content)
  tell(false)
  expect(await list()).toEqual([digest])
})

test('what nothing needs any more is over', async () => {
  tell(false)
  await stores.integrity.forgetMirrored(digest)
  expect(await list()).toEqual([])
})

test('of very many the first hundred are listed', async () => {
  for (let number = 0; number < 150; number++) tell(false, `sha256/${number}`)
  expect(await list()).toHaveLength(100)
})
