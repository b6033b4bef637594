import { expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask, errorOf } from '../support/raw-client.ts'
import { requireBearer } from '../support/scripted-auth.ts'
import { fail, hangUp, sendPage } from '../support/scripted-behaviour.ts'
import { pullUntilKept, startMirrored, startUpstream } from '../support/start-mirrored.ts'

const path = '/v2/team/app/manifests/1'

/** Two upstreams with the same image, the second for when the first can't say. */
const startWithTwo = async () => {
  const second = await startUpstream()
  const mirrored = await startMirrored()
  const first = mirrored.upstream
  await mirrored.server.configure({ upstreams: { 'docker.io': { url: [first.url, second.url] } } })
  const image = await first.repository('team/app').addImage('1', smallImage('a'))
  await second.repository('team/app').addImage('1', smallImage('a'))
  const layer = `/v2/team/app/blobs/${image.layers[0]?.digest}`
  return { server: mirrored.server, first, second, image, layer }
}

test('the second is left alone while the first answers', async () => {
  const { server, first, second, image, layer } = await startWithTwo()

  expect((await ask(server, path)).body).toEqual(image.bytes)
  expect((await ask(server, layer)).status).toBe(200)
  expect((await ask(server, '/v2/team/app/tags/list')).status).toBe(200)

  expect(first.count(/team/)).toBe(3)
  expect(second.requests).toEqual([])
})

test.each([
  { name: 'refuses connections', behaviour: undefined },
  { name: 'answers 500', behaviour: fail(500) },
  { name: 'limits requests', behaviour: fail(429) },
  { name: 'breaks connections', behaviour: hangUp },
])('the second serves what the first can not, since it $name', async ({ behaviour }) => {
  const { server, first, second, image, layer } = await startWithTwo()
  if (behaviour) first.script(/./, behaviour)
  else await first.stop()

  const manifest = await ask(server, path)
  expect(manifest.body).toEqual(image.bytes)
  expect(manifest.headers).not.toHaveProperty('warning')
  expect((await pullUntilKept(server, layer)).status).toBe(200)
  expect((await ask(server, '/v2/team/app/tags/list')).status).toBe(200)
  expect(second.count(/team/)).toBe(3)
})

test('a manifest that the first sends wrong comes from the second', async () => {
  const { server, first, image } = await startWithTwo()
  first.script(/manifests/, sendPage)

  expect((await ask(server, path)).body).toEqual(image.bytes)
})

test.each([
  { status: 404, answered: 404 },
  { status: 403, answered: 403 },
])("the first's $status is believed", async ({ status, answered }) => {
  const { server, first, second } = await startWithTwo()
  first.script(/team/, fail(status))

  expect((await ask(server, path)).status).toBe(answered)
  expect(second.requests).toEqual([])
})

test('when both are down the answer is unavailable', async () => {
  const { server, first, second } = await startWithTwo()
  await Promise.all([first.stop(), second.stop()])

  const reply = await ask(server, path)

  expect(reply.status).toBe(503)
  expect(errorOf(reply).message).toContain('docker.io')
})

test('a token of the first is never sent to the second', async () => {
  const { server, first, second } = await startWithTwo()
  requireBearer(first)
  await ask(server, path)
  await first.stop()

  expect((await ask(server, '/v2/team/app/tags/list')).status).toBe(200)
  for (const { headers } of second.requests) expect(headers).not.toHaveProperty('authorization')
})
