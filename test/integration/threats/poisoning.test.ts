// containerd before 2.0.11 looks for `image@sha256:...` under /blobs/ when /manifests/ fails, and keeps
// what it gets there without its media type (containerd#13007).

import { expect, test } from 'vitest'
import { smallImage, threePlatforms } from '../../support/image-builder.ts'
import { ask, errorOf } from '../../support/raw-client.ts'
import { pullUntilKept, startMirrored } from '../../support/start-mirrored.ts'

/** Like distribution, the upstream serves manifests under /blobs/ too. */
const startWithIndex = async () => {
  const mirrored = await startMirrored()
  const repository = mirrored.upstream.repository('team/app')
  const index = await repository.addIndex('1', smallImage('a'), threePlatforms)
  for (const { bytes } of [index, ...index.images]) repository.addBlob(bytes)
  const child = index.images[0]
  if (!child) throw new Error('the index is empty')
  return { ...mirrored, index, child }
}

const expectNoBlob = async (server: { port: number }, digest: string) => {
  for (const method of ['GET', 'HEAD']) {
    const reply = await ask(server, `/v2/team/app/blobs/${digest}`, { method })
    expect(reply.status, method).toBe(404)
    if (method === 'GET') expect(errorOf(reply).code).toBe('BLOB_UNKNOWN')
  }
}

test('a kept index is no blob', async () => {
  const { server, index } = await startWithIndex()
  await ask(server, '/v2/team/app/manifests/1')

  await expectNoBlob(server, index.descriptor.digest)
})

test('a kept manifest is no blob in another repository either', async () => {
  const { upstream, server, child } = await startWithIndex()
  upstream.repository('team/other').addBlob(child.bytes)
  await ask(server, `/v2/team/app/manifests/${child.descriptor.digest}`)

  const reply = await ask(server, `/v2/team/other/blobs/${child.descriptor.digest}`)

  expect(reply.status).toBe(404)
})

test('a manifest that a kept index lists is no blob, though it was never pulled', async () => {
  const { server, child } = await startWithIndex()
  await ask(server, '/v2/team/app/manifests/1')

  await expectNoBlob(server, child.descriptor.digest)
})

test('what was served as a blob is none any more once it is known to be a manifest', async () => {
  const { server, child } = await startWithIndex()
  await pullUntilKept(server, `/v2/team/app/blobs/${child.descriptor.digest}`)
  const manifest = await ask(server, `/v2/team/app/manifests/${child.descriptor.digest}`)
  expect(manifest.body).toEqual(child.bytes)

  await expectNoBlob(server, child.descriptor.digest)
})
