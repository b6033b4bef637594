import { join } from 'node:path'
import { expect, test } from 'vitest'
import { smallImage } from '../../support/image-builder.ts'
import { makeCertificates, makeClientCa } from '../../support/lab/certificates.ts'
import { pushImage } from '../../support/push-image.ts'
import { ask } from '../../support/raw-client.ts'
import { askSecurely } from '../../support/secure-client.ts'
import { makeFolder, startServerForTest } from '../../support/start-mirrored.ts'
import { addUsers, basic, passwords, rules } from './callers.ts'
import { originOf } from './start-with-users.ts'

// A page of any site may send such a request in its visitor's name, though it can't read the answer.
const elsewhere = { origin: 'http://evil.example', 'content-type': 'text/plain' }
const body = '{"repository":"team/app"}'
const upstreams = { 'docker.io': { url: 'http://127.0.0.1:9' } }

test('what everybody may no page of another site does in the name of who looks at it', async () => {
  const settings = { upstreams, access: { anonymous: 'push' } }
  const server = await startServerForTest(await makeFolder(), settings)
  await pushImage(server, 'team/app', { tag: '1', recipe: smallImage('app') })
  const remove = (headers: Record<string, string>) =>
    ask(server, '/api/v1/remove', { method: 'POST', headers, body })

  const begin = (headers: Record<string, string>) =>
    ask(server, '/v2/team/app/blobs/uploads/', { method: 'POST', headers })

  expect((await begin(elsewhere)).status).toBe(403)
  expect((await begin({})).status).toBe(202)
  expect((await remove(elsewhere)).status).toBe(403)
  expect((await remove({ origin: 'null' })).status).toBe(403)
  expect((await ask(server, '/v2/team/app/manifests/1')).status).toBe(200)
  expect((await remove({ origin: originOf(server) })).status).toBe(200)
})

test('nor what a certificate lets, which browsers show by themselves', async () => {
  const folder = await makeFolder()
  const own = await makeCertificates(join(folder, 'own'))
  const { caFile, ...ca } = await makeClientCa(join(folder, 'ca'))
  const { cert, key } = await ca.issue('ci')
  const tls = { cert: own.certFile, key: own.keyFile, clientCa: caFile }
  const access = { rules: [{ who: 'ci', repositories: '**', may: 'admin' }] }
  const server = await startServerForTest(await makeFolder(), { tls, upstreams, access })
  const options = { cert, key, method: 'POST' }

  const reply = await askSecurely(server, '/api/v1/offline', own.ca, {
    ...options,
    headers: elsewhere,
  })
  expect(reply.status).toBe(403)
  const without = await askSecurely(server, '/api/v1/offline', own.ca, options)
  expect(without.status).toBe(400)
})

test('nor what a password lets, which a browser that was given it in a URL shows again', async () => {
  const server = await startServerForTest(await makeFolder(), { upstreams, access: { rules } })
  await addUsers(server)
  const switchOff = (headers: Record<string, string>) =>
    ask(server, '/api/v1/offline', {
      method: 'POST',
      headers: { ...basic('root', passwords.root), ...headers },
      body: '{"offline":true}',
    })
  expect((await switchOff(elsewhere)).status).toBe(403)
  expect((await switchOff({ origin: originOf(server) })).status).toBe(200)
  expect((await switchOff({})).status).toBe(200)
})
