import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { SlowClients } from '../../bench/slow-clients/slow-clients.ts'
import { expectRegistryError } from '../support/expect-registry-error.ts'
import { digestOf, makeBytes, smallImage } from '../support/image-builder.ts'
import { pushImage } from '../support/push-image.ts'
import { beginUpload, endUpload } from '../support/push-over-http.ts'
import { ask } from '../support/raw-client.ts'
import { makeFolder, startServerForTest } from '../support/start-mirrored.ts'

const openForAll = { offline: true, access: { anonymous: 'push' } }
/** Of the uploads there may be, half; fewer where the system allows few open files. */
const mostOfOneClient = 1024

test('uploads that one client begins end at a limit, whichever thread it meets', async () => {
  const server = await startServerForTest(await makeFolder(), { threads: 2, ...openForAll })
  const path = '/v2/team/app/blobs/uploads/'
  const begun: string[] = []
  let reply = await ask(server, path, { method: 'POST' })
  while (reply.status === 202 && begun.length <= mostOfOneClient) {
    begun.push(String(reply.headers.location))
    reply = await ask(server, path, { method: 'POST' })
  }

  expectRegistryError(reply, 429, 'TOOMANYREQUESTS')
  expect(reply.headers['retry-after']).toBe('10')
  expect(await readdir(join(server.data, 'uploads'))).toHaveLength(begun.length)
  // Those that were begun go on, and room is made by ending one.
  const body = makeBytes('limited', 1000)
  const [first = '', second = ''] = begun
  expect((await endUpload(server, first, { digest: digestOf(body), body })).status).toBe(201)
  expect((await ask(server, second, { method: 'DELETE' })).status).toBe(204)
  await beginUpload(server, 'team/app')
  await beginUpload(server, 'team/other')
  expect((await ask(server, path, { method: 'POST' })).status).toBe(429)
})

test('a pull beside hundreds of slow connections is as quick as without', async () => {
  const server = await startServerForTest(await makeFolder(), openForAll)
  const recipe = smallImage('beside')
  const { layers } = await pushImage(server, 'team/app', { tag: '1', recipe })
  const pull = async () => {
    const startedAt = performance.now()
    expect((await ask(server, '/v2/team/app/manifests/1')).status).toBe(200)
    for (const { digest } of layers)
      expect((await ask(server, `/v2/team/app/blobs/${digest}`)).status).toBe(200)
    return performance.now() - startedAt
  }
  const fastest = async () => Math.min(...(await Array.fromAsync({ length: 20 }, pull)))
  const alone = await fastest()
  const options = { host: '127.0.0.1', port: server.port, connections: 400, dropEveryMs: 500 }
  using slow = new SlowClients(options)
  onTestFinished(() => slow[Symbol.dispose]())
  await slow.start()

  // Of some milliseconds the clients' own share, in this process, is too much.
  expect(await fastest()).toBeLessThan(2 * alone + 20)
  expect(slow.open).toBeGreaterThan(200)
})
