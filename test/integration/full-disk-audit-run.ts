import assert from 'node:assert/strict'
import { open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { openStores } from '../../src/store/open-stores.ts'
import { ask } from '../support/raw-client.ts'
import { startServer } from '../support/start-server.ts'

// A process of its own, whose disk a test has made small: what the audit does when it is full.
const [folder = ''] = process.argv.slice(2)
const count = 15
const fullFile = join(folder, 'full')
const free = { access: { anonymous: 'pull' }, space: { minFree: 0 } }
const server = await startServer(folder, { offline: true, ...free })

const fillDisk = async () => {
  const file = await open(fullFile, 'a')
  const fill = async (block: Buffer) => {
    for (;;) await file.write(block)
  }
  for (const size of [4096, 1])
    await fill(Buffer.alloc(size, 'x')).catch((error) => assert.equal(error.code, 'ENOSPC'))
  await file.close()
}

const tryToPush = async (tag: string) => {
  const path = `/v2/team/app/manifests/${tag}`
  const { status } = await ask(server, path, { method: 'PUT', body: '{}' })
  assert.ok(status === 401 || status === 403, `${status}`)
}

const told = () => server.log.map(({ msg }) => `${msg}`).filter((msg) => /^the audit/.test(msg))

const waitUntil = async (isSo: () => Promise<boolean> | boolean) => {
  for (let tries = 0; tries < 200 && !(await isSo()); tries++) await delay(100)
  assert.ok(await isSo())
}

const readLines = async () => {
  const [name] = await readdir(join(server.data, 'audit'))
  const text = name ? await readFile(join(server.data, 'audit', name), 'utf8') : ''
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).subject]))
}

await tryToPush('first')
await waitUntil(async () => (await readdir(server.data)).includes('audit'))
await waitUntil(async () => (await readLines()).length === 1)
await fillDisk()
// What is written into room that files have already doesn't fail.
for (let number = 0; number < count; number++) await tryToPush(`${number}`)
await waitUntil(() => told().length > 0)
await delay(6_000)
for (const what of ['records', 'lines of text'])
  assert.ok(told().filter((msg) => msg.includes(what)).length <= 1, told().join())

await rm(fullFile)
await waitUntil(async () => (await readLines()).length === count + 1)
await server.stop()
const expected = ['first', ...Array.from({ length: count }, (_, at) => `${at}`)]
const subjects = expected.map((tag) => `team/app:${tag}`)
assert.deepEqual(await readLines(), subjects)
const fail = (error: unknown) => assert.fail(String(error))
const stores = await openStores(server.data, {
  onError: fail,
  onFault: fail,
  onRecovered: () => {},
})
const rows = await stores.audit.listAudit({}, { after: 0, limit: 100 })
await stores.close()
assert.deepEqual(
  rows.map(({ subject }) => subject),
  subjects,
)
