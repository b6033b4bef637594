import assert from 'node:assert/strict'
import { type FileHandle, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { digestOf } from '../../src/oci/digest.ts'
import type { Tag } from '../../src/oci/reference.ts'
import { parseRepository } from '../../src/oci/repository.ts'
import { dockerHub } from '../../src/oci/upstream-name.ts'
import { openStores, type Stores } from '../../src/store/open-stores.ts'
import { putBlob, readBlob } from '../../src/store/put-blob.ts'
import { StoreFaultError } from '../../src/store/store-fault.ts'
import { tolerantStores } from '../../src/store/tolerant-stores.ts'

// A process of its own, whose disk a test has made small: what the stores do when it is full.
const [folder = ''] = process.argv.slice(2)
const source = { upstream: dockerHub, repository: parseRepository('library/alpine') }
const content = Buffer.alloc(50_000, 'the content of a blob, ')
const digest = digestOf(content)
const latest = 'latest' as Tag
const tooMuch = Buffer.alloc(64 * 1024 * 1024, 'more than there is room for, ')
const told: string[] = []

function openHere(): Promise<Stores> {
  return openStores(folder, {
    onError: (error) => assert.fail(String(error)),
    onFault: (message) => told.push(message),
    onRecovered: () => told.push('recovered'),
  })
}

async function fillDisk(): Promise<void> {
  const file: FileHandle = await open(join(folder, 'full'), 'a')
  const fill = async (bytes: Buffer) => {
    for (;;) await file.write(bytes)
  }
  await fill(Buffer.alloc(4096, 'x')).catch((error) => assert.equal(error.code, 'ENOSPC'))
  await file.close()
}

async function failToAppend({ blobs }: Stores): Promise<void> {
  const writer = await blobs.resume(digest, { owner: 'docker.io' })
  await writer.append([content.subarray(0, 20_000)])
  await assert.rejects(writer.append([content.subarray(20_000, 20_100), tooMuch]), StoreFaultError)
  assert.equal(writer.writtenBytes, 20_000)
  const check = writer.copyCheck()
  check.update(content.subarray(20_000))
  check.verify()
  // What the failed append took is free again, so that something smaller still fits.
  await writer.append([content.subarray(20_000)])
  writer.verify()
  await writer.keep()
  await writer.close()
  assert.ok((await readBlob(blobs, digest))?.equals(content))
}

async function workOnFullDisk({ blobs, metadata, health }: Stores): Promise<void> {
  const other = digestOf(Buffer.from('another'))
  await assert.rejects(putBlob(blobs, other, Buffer.from('another')), StoreFaultError)
  assert.equal(health.fault, 'the disk is full (ENOSPC)')
  for (let count = 0; count < 2000; count++) {
    await metadata.recordTag(source, `v${count}` as Tag, { digest, checkedAt: 1000 })
  }
  assert.equal(health.fault, 'the disk is full (SQLITE_FULL)')
  await assert.rejects(metadata.recordSwitch('offline', true), { code: 'SQLITE_FULL' })
  assert.match((await health.check()) ?? 'well', /^the disk is full/)
  assert.ok((await readBlob(blobs, digest))?.equals(content))
  assert.equal((await metadata.findTag(source, latest))?.digest, digest)
}

const first = await openHere()
await failToAppend(tolerantStores(first))
assert.deepEqual(told.splice(0), ['the disk is full (ENOSPC)'])
// What a pull has met is to be seen for three seconds.
await delay(3_100)
assert.equal(await first.health.check(), undefined)
assert.deepEqual(told.splice(0), ['recovered'])
await first.metadata.recordTag(source, latest, { digest, checkedAt: 1000 })
await fillDisk()
await workOnFullDisk(tolerantStores(first))
assert.deepEqual(told.splice(0), ['the disk is full (ENOSPC)'])
await first.close()

const second = await openHere()
assert.equal(await second.health.check(), 'the disk is full (ENOSPC)')
assert.ok((await readBlob(second.blobs, digest))?.equals(content))
await rm(join(folder, 'full'))
assert.equal(await second.health.check(), undefined)
await second.metadata.recordSwitch('offline', true)
assert.deepEqual(told.splice(0), ['the disk is full (ENOSPC)', 'recovered'])
assert.deepEqual(await readdir(join(folder, 'partial')), [])
await second.close()

// Stopped with room to spare, and started when other data has taken all of it.
await fillDisk()
const third = await openHere()
assert.ok((await readBlob(third.blobs, digest))?.equals(content))
assert.equal((await third.metadata.findTag(source, latest))?.digest, digest)
await rm(join(folder, 'full'))
assert.equal(await third.health.check(), undefined)
await third.metadata.recordSwitch('offline', false)
await third.close()
