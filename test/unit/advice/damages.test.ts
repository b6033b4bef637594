import { afterEach, beforeEach, expect, test } from 'vitest'
import { findDamages } from '../../../src/advice/damages.ts'
import { digestOf } from '../../../src/oci/digest.ts'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import { describeOutcome } from '../../../src/space/finding.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { putBlob } from '../../../src/store/put-blob.ts'
import type { VerifyFinding } from '../../../src/store/verify-records.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const silent = { onError: () => {}, onFault: () => {}, onRecovered: () => {} }
const content = Buffer.from('a layer')
const digest = digestOf(content)
const lost = describeOutcome({ kind: 'lost', hosted: [] })
const failed = describeOutcome({ kind: 'failed', why: 'it may not be read' })

let directory: TemporaryDirectory
let stores: Stores

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  stores = await openStores(directory.path, silent)
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

const find = async (finding: Partial<VerifyFinding> = {}) => {
  const usual = { at: 1_000, isByHand: false, what: digest, finding: 'wrong bytes', images: [] }
  const all = { ...usual, outcome: lost, isHealed: false, ...finding }
  await stores.verify.recordVerifyFindings([all])
}

const list = async () => (await findDamages(stores)).map(({ what }) => what)

test('what is damaged and isn’t healed is listed until it is', async () => {
  await find()
  await find({ what: 'sha256/.DS_Store', outcome: undefined })
  expect(new Set(await list())).toEqual(new Set([digest, 'sha256/.DS_Store']))
  await find({ at: 2_000, isHealed: true })
  await find({ at: 2_000, what: 'sha256/.DS_Store', isHealed: true })
  expect(await list()).toEqual([])
})

test('what was moved away is over once it is pushed or pulled again', async () => {
  await find()
  expect(await list()).toEqual([digest])
  await putBlob(stores.blobs, digest, content)
  expect(await list()).toEqual([])
})

test.each([
  ['couldn’t be moved away', failed],
  ['nobody has tried to heal', undefined],
])('what %s stays, though there is a file', async (_what, outcome) => {
  await putBlob(stores.blobs, digest, content)
  await find({ outcome })
  expect(await list()).toEqual([digest])
})

test('what wasn’t found again when all was read is over', async () => {
  await find()
  const run = { state: 'done', isRepair: false, files: 1, bytes: 1, totalBytes: 1 } as const
  const ended = { endedAt: 3_000, found: 0, healed: 0, error: undefined }
  await stores.verify.recordVerifyRun({ ...run, ...ended, startedAt: 500 })
  expect(await list()).toEqual([digest])
  await stores.verify.recordVerifyRun({ ...run, ...ended, startedAt: 2_000 })
  expect(await list()).toEqual([])
})

test('what nothing needs any more is over', async () => {
  await find()
  await stores.integrity.forgetMirrored(digest)
  expect(await list()).toEqual([])
})
