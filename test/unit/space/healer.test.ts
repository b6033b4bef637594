import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Digest, digestOf } from '../../../src/oci/digest.ts'
import { parseRepository } from '../../../src/oci/repository.ts'
import { dockerHub } from '../../../src/oci/upstream-name.ts'
import type { Finding } from '../../../src/space/finding.ts'
import { Healer, type Refetch } from '../../../src/space/healer.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { putBlob } from '../../../src/store/put-blob.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'

const silent = { onError: () => {}, onFault: () => {}, onRecovered: () => {} }
const repository = parseRepository('team/app')
const source = { upstream: dockerHub, repository }
const content = Buffer.from('a layer')
const digest = digestOf(content)
const lost: Finding = { kind: 'no-file', digest }

let directory: TemporaryDirectory
let stores: Stores

beforeEach(async () => {
  directory = await makeTemporaryDirectory()
  stores = await openStores(directory.path, silent)
  await record()
})

afterEach(async () => {
  await stores.close()
  await directory.remove()
})

const record = async () => {
  const blob = { digest, sizeBytes: content.length, upstream: dockerHub, firstFetchedAt: 1000 }
  await stores.metadata.recordBlob(blob)
  await stores.metadata.linkBlob(source, digest)
}

const heal = async (finding: Finding, refetch: Refetch) => {
  const healer = new Healer({ stores, refetch, onGone: () => {}, now: () => 1000 })
  return healer.heal(finding, await stores.integrity.findOwners(digest))
}

const isRecorded = async () => (await stores.metadata.findBlob(digest)) !== undefined
const says = (no: string) => async () => no

test('what isn’t to be had any more is forgotten', async () => {
  expect(await heal(lost, says('not found'))).toEqual({ kind: 'forgotten', why: 'not found' })
  expect(await isRecorded()).toBe(false)
})

test('what only can’t be had now stays recorded, and isn’t healed', async () => {
  const outcome = await heal(lost, () => Promise.reject(new Error('upstream is down')))
  expect(outcome).toEqual({ kind: 'unfetched', why: 'upstream is down' })
  expect(await isRecorded()).toBe(true)
})

test('what somebody has brought meanwhile keeps its record', async () => {
  const refetch = async () => {
    await putBlob(stores.blobs, digest, content)
    await record()
    return 'this repository hasn’t got it'
  }
  expect(await heal(lost, refetch)).toEqual({ kind: 'replaced' })
  expect(await isRecorded()).toBe(true)
})

test('what somebody is just bringing keeps its record', async () => {
  const brought = Promise.withResolvers<void>()
  const bringing = stores.holds.during(digest, () => brought.promise)
  expect(await heal(lost, says('not found'))).toEqual({ kind: 'replaced' })
  brought.resolve()
  await bringing
  expect(await isRecorded()).toBe(true)
})

test('what another has moved away meanwhile is fetched again all the same', async () => {
  const checked = { sizeBytes: 7, writtenAt: 0, mark: '1@1', fault: 'wrong' } as const
  const wrong = { kind: 'wrong-bytes', digest, checked, wantedBytes: 7 } as const
  expect(await heal(wrong, async () => undefined)).toEqual({ kind: 'fetched', from: source })
})

test('a file that may only not be read stays where it lies', async () => {
  await putBlob(stores.blobs, digest, content)
  const found = await stores.blobs.check(digest)
  if (!found) throw new Error('it is not kept')
  const checked = { ...found, fault: { code: 'EACCES' } }
  const finding: Finding = { kind: 'unreadable', digest, checked, wantedBytes: 7 }
  const outcome = await heal(finding, async () => undefined)
  expect(outcome).toMatchObject({ kind: 'failed', why: expect.stringContaining('user') })
  expect(await readFile(fileOf(digest))).toEqual(content)
})

const fileOf = (of: Digest) => join(directory.path, 'blobs', 'sha256', of.slice(7))

test('a foreign file is moved away, whatever it is called, or said not to be', async () => {
  const long = join('sha256', 'x'.repeat(250))
  const foreign = (name: string): Finding => ({ kind: 'foreign', name: { foreign: name } })
  await writeFile(join(directory.path, 'blobs', long), 'mine')
  expect(await heal(foreign(long), says('no'))).toEqual({ kind: 'removed' })
  expect(await heal(foreign(long), says('no'))).toMatchObject({ kind: 'failed' })
})

test('what was moved away and can be read now is back, and no upstream is asked', async () => {
  await putBlob(stores.blobs, digest, content)
  await stores.blobs.quarantine(digest, 'the disk failed')
  const refuse = () => Promise.reject(new Error('not to be asked'))
  expect(await heal(lost, refuse)).toEqual({ kind: 'released' })
  expect(await readFile(fileOf(digest))).toEqual(content)
})

test('what is wrong stays in quarantine', async () => {
  await putBlob(stores.blobs, digest, content)
  await writeFile(fileOf(digest), 'A LAYER')
  await stores.blobs.quarantine(digest, 'wrong bytes')
  expect(await heal(lost, says('not found'))).toMatchObject({ kind: 'forgotten' })
})
