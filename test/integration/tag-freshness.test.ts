import { expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask } from '../support/raw-client.ts'
import { dropHeader, fail, makeGate, waitFor } from '../support/scripted-behaviour.ts'
import { startMirrored, tagTtlMs } from '../support/start-mirrored.ts'

const path = '/v2/team/app/manifests/1'
const headUpstream = `HEAD ${path}`

test('a fresh tag is served without asking upstream', async () => {
  const { upstream, server } = await startMirrored()
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, path)
  const before = upstream.requests.length

  for (const method of ['GET', 'HEAD', 'GET']) {
    const reply = await ask(server, path, { method })
    expect(reply.headers['x-entrepot-cache']).toBe('hit')
  }

  expect(upstream.requests).toHaveLength(before)
})

test('a tag past its time costs exactly one HEAD', async () => {
  const { upstream, server, clock } = await startMirrored()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, path)

  for (const [position, method] of ['GET', 'HEAD', 'GET'].entries()) {
    clock.advance(tagTtlMs)
    for (const _ of [1, 2]) await ask(server, path, { method })
    const reply = await ask(server, path, { method })
    expect(reply.headers['docker-content-digest']).toBe(image.descriptor.digest)
    expect(reply.headers['x-entrepot-cache']).toBe('hit')
    expect(upstream.count(headUpstream)).toBe(position + 1)
  }

  expect(upstream.count(/^GET .*manifests/)).toBe(1)
})

test('a tag is fresh for as long as tagTtl says, and no longer', async () => {
  const { upstream, server, clock } = await startMirrored({ tagTtl: '1h' })
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, path)

  clock.advance(59 * 60_000)
  await ask(server, path)
  expect(upstream.count(headUpstream)).toBe(0)

  clock.advance(60_000)
  await ask(server, path)
  expect(upstream.count(headUpstream)).toBe(1)
})

test('a tag that moved is fetched once, by its new digest', async () => {
  const { upstream, server, clock } = await startMirrored()
  const repository = upstream.repository('team/app')
  await repository.addImage('1', smallImage('old'))
  await ask(server, path)
  clock.advance(tagTtlMs)
  const moved = await repository.addImage('1', smallImage('new'))

  const reply = await ask(server, path)

  expect(reply.body).toEqual(moved.bytes)
  expect(reply.headers['x-entrepot-cache']).toBe('miss')
  expect(upstream.count(headUpstream)).toBe(1)
  expect(upstream.count(`GET ${path}`)).toBe(1)
  expect(upstream.count(`GET /v2/team/app/manifests/${moved.descriptor.digest}`)).toBe(1)
})

test('a tag that moved back to what is kept costs no fetch', async () => {
  const { upstream, server, clock } = await startMirrored()
  const repository = upstream.repository('team/app')
  const old = await repository.addImage('1', smallImage('old'))
  await ask(server, path)
  await repository.addImage('1', smallImage('new'))
  clock.advance(tagTtlMs)
  await ask(server, path)
  clock.advance(tagTtlMs)
  repository.tags.set('1', old.descriptor.digest)

  const reply = await ask(server, path)

  expect(reply.body).toEqual(old.bytes)
  expect(upstream.count(/^GET .*manifests/)).toBe(2)
})

test('a HEAD for a tag that was never pulled causes no GET upstream, and is remembered', async () => {
  const { upstream, server } = await startMirrored()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))

  for (const _ of [1, 2]) {
    const head = await ask(server, path, { method: 'HEAD' })
    expect(head.status).toBe(200)
    expect(head.headers).toMatchObject({
      'docker-content-digest': image.descriptor.digest,
      'content-type': image.descriptor.mediaType,
      'content-length': String(image.bytes.length),
    })
  }

  expect(upstream.count(headUpstream)).toBe(1)
  expect(upstream.count(/^GET .*manifests/)).toBe(0)
})

test('a pull after such a HEAD fetches what the HEAD announced', async () => {
  const { upstream, server } = await startMirrored()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, path, { method: 'HEAD' })

  const reply = await ask(server, path)

  expect(reply.body).toEqual(image.bytes)
  expect(upstream.count(/manifests/)).toBe(2)
  expect(upstream.count(`GET /v2/team/app/manifests/${image.descriptor.digest}`)).toBe(1)
})

test('a remembered HEAD hides no new image, where the one it announced is gone', async () => {
  const { upstream, server } = await startMirrored()
  const repository = upstream.repository('team/app')
  await repository.addImage('1', smallImage('old'))
  await ask(server, path, { method: 'HEAD' })
  repository.manifests.clear()
  const moved = await repository.addImage('1', smallImage('new'))

  const reply = await ask(server, path)

  expect(reply.status).toBe(200)
  expect(reply.body).toEqual(moved.bytes)
})

test('a HEAD never moves a tag away from what is kept before the new image is', async () => {
  const { upstream, server, clock } = await startMirrored()
  const repository = upstream.repository('team/app')
  const old = await repository.addImage('1', smallImage('old'))
  await ask(server, path)
  clock.advance(tagTtlMs)
  const moved = await repository.addImage('1', smallImage('new'))

  const head = await ask(server, path, { method: 'HEAD' })
  expect(head.headers['docker-content-digest']).toBe(moved.descriptor.digest)

  await upstream.stop()
  clock.advance(tagTtlMs)
  const reply = await ask(server, path)
  expect(reply.body).toEqual(old.bytes)
  expect(reply.headers['x-entrepot-cache']).toBe('stale')
})

test.each([
  { name: 'refuses HEAD', behaviour: fail(405) },
  { name: 'gives no digest', behaviour: dropHeader('docker-content-digest') },
])('an upstream that $name is asked by GET instead', async ({ behaviour }) => {
  const { upstream, server, clock } = await startMirrored()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  upstream.script(/^HEAD/, behaviour)

  for (const _ of [1, 2]) {
    const reply = await ask(server, path)
    expect(reply.body).toEqual(image.bytes)
    clock.advance(tagTtlMs)
  }

  expect(upstream.count(`GET ${path}`)).toBe(2)
})

test('many who pull a stale tag at once cause one HEAD', async () => {
  const { upstream, server, clock } = await startMirrored()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, path)
  clock.advance(tagTtlMs)

  const pulls = Array.from({ length: 40 }, () => ask(server, path))

  for (const reply of await Promise.all(pulls)) expect(reply.body).toEqual(image.bytes)
  expect(upstream.count(headUpstream)).toBe(1)
})

test('GET and HEAD of a stale tag at once cause one HEAD', async () => {
  const { upstream, server, clock } = await startMirrored()
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, path)
  clock.advance(tagTtlMs)
  const gate = makeGate()
  upstream.script(/^HEAD/, waitFor(gate))

  const first = ask(server, path)
  await upstream.received(headUpstream)
  const second = ask(server, path, { method: 'HEAD' })
  // Sent after it, and answered: by then it waits too.
  for (const _ of [1, 2, 3]) await ask(server, '/healthz')
  gate.open()

  for (const reply of await Promise.all([first, second])) expect(reply.status).toBe(200)
  expect(upstream.count(headUpstream)).toBe(1)
})

test('many who pull an unknown tag at once cause one GET', async () => {
  const { upstream, server } = await startMirrored()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))

  const pulls = Array.from({ length: 40 }, () => ask(server, path))

  for (const reply of await Promise.all(pulls)) expect(reply.body).toEqual(image.bytes)
  expect(upstream.count(/manifests/)).toBe(1)
})

test('a tag whose image was pulled by its digest after a HEAD is kept like one that was pulled', async () => {
  const { upstream, server, clock } = await startMirrored()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  const { digest } = image.descriptor
  await ask(server, path, { method: 'HEAD' })
  await ask(server, `/v2/team/app/manifests/${digest}`)
  const before = upstream.requests.length

  const fresh = await ask(server, path)
  expect(fresh.headers['x-entrepot-cache']).toBe('hit')
  expect(upstream.requests.length).toBe(before)

  clock.advance(tagTtlMs)
  await upstream.stop()
  const stale = await ask(server, path)
  expect(stale.status).toBe(200)
  expect(stale.headers['x-entrepot-cache']).toBe('stale')
  expect(stale.headers['docker-content-digest']).toBe(digest)
})

test('a tag that has moved since the HEAD stays with what was pulled, until it is asked again', async () => {
  const { upstream, server, clock } = await startMirrored()
  const repository = upstream.repository('team/app')
  const old = await repository.addImage('1', smallImage('a'))
  await ask(server, path)
  const moved = await repository.addImage('1', smallImage('b'))
  clock.advance(tagTtlMs)
  await ask(server, path, { method: 'HEAD' })
  const unpulled = await repository.addImage('1', smallImage('c'))

  await ask(server, `/v2/team/app/manifests/${unpulled.descriptor.digest}`)
  expect((await ask(server, path, { method: 'HEAD' })).headers['docker-content-digest']).toBe(
    moved.descriptor.digest,
  )
  await ask(server, `/v2/team/app/manifests/${moved.descriptor.digest}`)
  await upstream.stop()
  expect((await ask(server, path)).headers['docker-content-digest']).toBe(moved.descriptor.digest)
  expect(old.descriptor.digest).not.toBe(moved.descriptor.digest)
})
