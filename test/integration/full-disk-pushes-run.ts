import assert from 'node:assert/strict'
import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf, makeBytes } from '../support/image-builder.ts'
import { beginUpload, endUpload, pushBlob, pushManifest } from '../support/push-over-http.ts'
import { ask, errorOf, type Reply } from '../support/raw-client.ts'
import { startServer } from '../support/start-server.ts'

// A process of its own, whose disk a test has made small: what pushes meet when it is full.
const [folder = '', threads] = process.argv.slice(2)
const tooMuch = makeBytes('too much', 30_000_000)
const image = { config: Buffer.from('{}'), layer: makeBytes('layer', 1_000_000) }
const target = { repository: 'team/app', tag: '1' }
const fullFile = join(folder, 'full')

// All of it: the disk itself says when it is full.
const free = { access: { anonymous: 'push' }, space: { minFree: 0 } }
const settings = { threads: Number(threads), offline: true, ...free }
const server = await startServer(folder, settings)
const uploadsPath = '/v2/team/app/blobs/uploads/'

const assertNoRoom = async (reply: Reply) => {
  assert.equal(reply.status, 507)
  assert.equal(errorOf(reply).code, 'UNAVAILABLE')
  assert.match(errorOf(reply).message, /the disk is full .*try again/)
  assert.deepEqual(await readdir(join(server.data, 'uploads')), [])
}

const assertUnready = async () => {
  const { status, body } = await ask(server, '/readyz')
  assert.deepEqual([status, /^not ready: the disk is full/.test(`${body}`)], [503, true])
}

const fillDisk = async () => {
  const file = await open(fullFile, 'a')
  const block = Buffer.alloc(4096, 'x')
  const fill = async () => {
    for (;;) await file.write(block)
  }
  await fill().catch((error) => assert.equal(error.code, 'ENOSPC'))
  await file.close()
}

const upload = await beginUpload(server, 'team/app')
await assertNoRoom(await ask(server, upload, { method: 'PATCH', body: tooMuch }))
await assertUnready()
const loud = server.log.filter(({ level }) => Number(level) >= 50)
assert.match(loud.map(({ msg }) => msg).join(), /^NOTHING CAN BE KEPT: the disk is full[^,]*$/)
assert.equal((await ask(server, upload)).status, 404)

// What the refused one took is free again.
for (const blob of [image.config, image.layer])
  assert.equal((await pushBlob(server, 'team/app', blob)).status, 201)
const digest = digestOf(tooMuch)
await assertNoRoom(await pushBlob(server, 'team/app', tooMuch))
const once = `${uploadsPath}?digest=${digest}`
await assertNoRoom(await ask(server, once, { method: 'POST', body: tooMuch }))

await fillDisk()
await assertNoRoom(await pushBlob(server, 'team/app', makeBytes('small', 20_000)))
await assertNoRoom(await pushManifest(server, target, image))

await rm(fullFile)
assert.equal((await pushManifest(server, target, image)).status, 201)
const late = await beginUpload(server, 'team/app')
const layer = makeBytes('another', 1_000_000)
const ended = await endUpload(server, late, { digest: digestOf(layer), body: layer })
assert.equal(ended.status, 201)
assert.deepEqual(await readdir(join(server.data, 'uploads')), [])
await server.stop()
