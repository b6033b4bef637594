import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { digestOf, makeBytes, smallImage } from '../support/image-builder.ts'
import { uploadBlob } from '../support/push-image.ts'
import { ask } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

const open = { access: { anonymous: 'push' } }
const fileOf = (data: string, digest: string) => join(data, 'blobs', 'sha256', digest.slice(7))

test('a pushed blob that was cut short isn’t there for who would push it, and is whole once pushed again', async () => {
  const { server } = await startMirrored({}, open)
  const bytes = makeBytes('layer', 5000)
  const blob = { digest: digestOf(bytes), bytes }
  await uploadBlob(server, 'team/app', blob)
  await truncate(fileOf(server.data, blob.digest), 100)

  const mount = `/v2/team/other/blobs/uploads/?mount=${blob.digest}&from=team/app`
  expect((await ask(server, mount, { method: 'POST' })).status).toBe(202)
  const path = `/v2/team/app/blobs/${blob.digest}`
  expect((await ask(server, path, { method: 'HEAD' })).status).toBe(404)
  expect((await ask(server, path)).status).toBe(500)

  await uploadBlob(server, 'team/app', blob)
  expect((await ask(server, path)).body).toEqual(bytes)
})

test('a mirrored blob that was cut short isn’t taken over, and is fetched again', async () => {
  const { server, upstream } = await startMirrored({}, open)
  const { layers } = await upstream.repository('library/node').addImage('20', smallImage('n'))
  const digest = layers[0]?.digest ?? ''
  await ask(server, '/v2/docker.io/library/node/manifests/20')
  const { body } = await pullUntilKept(server, `/v2/docker.io/library/node/blobs/${digest}`)
  await truncate(fileOf(server.data, digest), 1000)

  const head = await ask(server, `/v2/team/app/blobs/${digest}`, { method: 'HEAD' })
  expect(head.status).toBe(404)
  const again = await ask(server, `/v2/docker.io/library/node/blobs/${digest}`)
  expect(again.body).toEqual(body)
})

test('a mirrored manifest is no blob of anybody’s', async () => {
  const { server, upstream } = await startMirrored({}, open)
  const { descriptor } = await upstream.repository('library/node').addImage('20', smallImage('n'))
  await ask(server, '/v2/docker.io/library/node/manifests/20')
  const path = `/v2/team/app/blobs/${descriptor.digest}`
  expect((await ask(server, path, { method: 'HEAD' })).status).toBe(404)
})

test('what is pushed again can be read all the time', async () => {
  const { server } = await startMirrored({}, open)
  const bytes = makeBytes('layer', 50_000)
  const blob = { digest: digestOf(bytes), bytes }
  await uploadBlob(server, 'team/app', blob)
  let isPushing = true
  const pushing = (async () => {
    for (let times = 0; times < 60; times++) await uploadBlob(server, 'team/app', blob)
    isPushing = false
  })()
  const statuses = new Set<number>()
  while (isPushing) statuses.add((await ask(server, `/v2/team/app/blobs/${blob.digest}`)).status)
  await pushing
  expect([...statuses]).toEqual([200])
})
