import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeCertificates, makeClientCa } from '../../support/lab/certificates.ts'
import { askSecurely } from '../../support/secure-client.ts'
import { makeFolder, startServerForTest } from '../../support/start-mirrored.ts'
import { basic } from './callers.ts'

test('as long as there are no users, a login for another registry hides no certificate', async () => {
  const folder = await makeFolder()
  const own = await makeCertificates(join(folder, 'own'))
  const { caFile, ...ca } = await makeClientCa(join(folder, 'ca'))
  const { cert, key } = await ca.issue('alice', { name: 'alice' })
  const tls = { cert: own.certFile, key: own.keyFile, clientCa: caFile }
  const upstreams = { 'docker.io': { url: 'http://127.0.0.1:9' } }
  const server = await startServerForTest(await makeFolder(), { tls, upstreams })

  for (const headers of [{}, basic('hub-user', 'hub-secret')]) {
    const options = { cert, key, headers }
    const { body } = await askSecurely(server, '/api/v1/session', own.ca, options)
    expect(JSON.parse(body.toString())).toMatchObject({ kind: 'user', name: 'alice' })
  }
})
