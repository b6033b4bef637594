import { expect, test, vi } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { pushImage } from '../support/push-image.ts'
import { ask, post } from '../support/raw-client.ts'
import { fail, makeGate, swallow, waitFor } from '../support/scripted-behaviour.ts'
import { startMirrored } from '../support/start-mirrored.ts'

const open = { access: { anonymous: 'push' } }
const nothing = `sha256:${'0'.repeat(64)}`

test('without an upstream named what is hosted answers, for every tag; with one, never', async () => {
  const { server, upstream } = await startMirrored({}, open)
  const theirs = await upstream.repository('team/app').addImage('1', smallImage('theirs'))
  await upstream.repository('team/app').addImage('2', smallImage('theirs too'))
  expect((await ask(server, '/v2/team/app/manifests/1')).body).toEqual(theirs.bytes)

  const ours = await pushImage(server, 'team/app', { tag: '1', recipe: smallImage('ours') })

  expect((await ask(server, '/v2/team/app/manifests/1')).body).toEqual(ours.bytes)
  expect((await ask(server, '/v2/team/app/manifests/2')).status).toBe(404)
  for (const path of [
    '/v2/docker.io/team/app/manifests/1',
    '/v2/team/app/manifests/1?ns=docker.io',
    '/docker.io/v2/team/app/manifests/1',
  ]) {
    expect((await ask(server, path)).body).toEqual(theirs.bytes)
  }
  const [layer] = ours.layers
  expect((await ask(server, `/v2/team/app/blobs/${layer?.digest}`)).status).toBe(200)
  expect((await ask(server, `/v2/docker.io/team/app/blobs/${layer?.digest}`)).status).toBe(404)
})

test('what the default upstream answers as a name becomes ours is not remembered', async () => {
  const { server, upstream } = await startMirrored({}, open)
  const image = smallImage('theirs')
  const { digest } = (await upstream.repository('team/base').addImage('1', image)).descriptor
  await upstream.repository('team/app').addImage('1', image)
  await ask(server, `/v2/team/base/manifests/${digest}`)
  const gate = makeGate()
  upstream.script(/team\/app\/manifests\/sha256/, waitFor(gate))
  const path = `/v2/team/app/manifests/${digest}`
  const asked = upstream.count(/team\/app\/manifests/)
  const early = ask(server, path)
  await vi.waitFor(() => expect(upstream.count(/team\/app\/manifests/)).toBeGreaterThan(asked))
  await pushImage(server, 'team/app', { tag: '1', recipe: smallImage('ours') })
  gate.open()
  expect((await early).status).toBe(200)
  expect((await ask(server, path)).status).toBe(404)
})

test('a push that puts itself in front of an image of the default upstream says so', async () => {
  const { server, upstream } = await startMirrored({}, open)
  await upstream.repository('library/node').addImage('20', smallImage('theirs'))

  const first = await pushImage(server, 'node', { tag: '20', recipe: smallImage('ours') })
  expect(first.reply.headers.warning).toContain('docker.io/library/node')
  await upstream.repository('bitnami/redis').addImage('latest', smallImage('redis'))
  const custom = await pushImage(server, 'bitnami/redis', { tag: 'own', recipe: smallImage('r') })
  expect(custom.reply.headers.warning).toContain('docker.io/bitnami/redis')
  const other = await pushImage(server, 'team/app', { tag: '1', recipe: smallImage('ours') })
  expect([other.reply.status, other.reply.headers.warning]).toEqual([201, undefined])

  await ask(server, '/v2/docker.io/library/node/manifests/20')
  const again = await pushImage(server, 'node', { tag: '21', recipe: smallImage('ours too') })
  expect(again.reply.headers.warning).toContain('docker.io/library/node')
})

test('a push waits no longer than a moment for an upstream that says nothing', async () => {
  const { server, upstream } = await startMirrored({}, open)
  upstream.script(/manifests/, swallow)
  const began = performance.now()
  const { reply } = await pushImage(server, 'team/app', { tag: '1', recipe: smallImage('a') })
  expect(reply.status).toBe(201)
  expect(performance.now() - began).toBeLessThan(8_000)
})

test('a name from which all is removed stays ours until it is given back', async () => {
  const { server, upstream } = await startMirrored({}, open)
  const theirs = await upstream.repository('team/app').addImage('1', smallImage('theirs'))
  await pushImage(server, 'team/app', { tag: '1', recipe: smallImage('ours') })
  expect((await ask(server, '/v2/team/app/manifests/1', { method: 'DELETE' })).status).toBe(202)
  expect((await ask(server, '/v2/team/app/manifests/1')).status).toBe(404)

  expect((await post(server, '/api/v1/remove', { repository: 'team/app' })).status).toBe(200)
  expect((await ask(server, '/v2/team/app/manifests/1')).body).toEqual(theirs.bytes)
})

test('a first push finds an empty repository', async () => {
  const { server, upstream } = await startMirrored({}, open)
  upstream.script(/./, fail(403))
  const before = upstream.count(/blobs/)
  expect((await ask(server, `/v2/team/app/blobs/${nothing}`, { method: 'HEAD' })).status).toBe(404)
  expect(upstream.count(/blobs/)).toBe(before)
  expect((await ask(server, '/v2/team/app/manifests/1', { method: 'HEAD' })).status).toBe(404)
  expect((await ask(server, '/v2/team/app/tags/list')).status).toBe(404)
  const referrers = await ask(server, `/v2/team/app/referrers/${nothing}`)
  expect([referrers.status, JSON.parse(String(referrers.body)).manifests]).toEqual([200, []])
  // Who pulls is told why there is nothing.
  expect((await ask(server, '/v2/team/app/manifests/1')).status).toBe(403)

  // It may have it, but who has begun to push wants to end it.
  await upstream.stop()
  for (const path of ['/manifests/1', '/tags/list', `/referrers/${nothing}`]) {
    const method = path === '/manifests/1' ? 'HEAD' : 'GET'
    expect((await ask(server, `/v2/team/other${path}`, { method })).status).toBe(503)
  }
  await ask(server, `/v2/team/other/blobs/${nothing}`, { method: 'HEAD' })
  expect((await ask(server, '/v2/team/other/manifests/1', { method: 'HEAD' })).status).toBe(404)
  const { reply } = await pushImage(server, 'team/app', { tag: '1', recipe: smallImage('a') })
  expect(reply.status).toBe(201)
})

test('while nobody may push, a failure of the upstream is told as it is', async () => {
  const { server, upstream } = await startMirrored()
  upstream.script(/./, fail(403))
  expect((await ask(server, `/v2/team/app/blobs/${nothing}`, { method: 'HEAD' })).status).toBe(403)
  expect((await ask(server, '/v2/team/app/manifests/1', { method: 'HEAD' })).status).toBe(403)
  expect((await ask(server, `/v2/team/app/referrers/${nothing}`)).status).toBe(403)
})

test('the log tells what is hosted from what is mirrored', async () => {
  const { server } = await startMirrored({}, open)
  await pushImage(server, 'app', { tag: '1', recipe: smallImage('a') })
  await ask(server, '/v2/app/manifests/1')
  const missing = await ask(server, '/v2/app/manifests/2')
  expect(missing.headers['x-entrepot-cache']).toBe('hosted')
  const pulls = server.log.filter(({ method }) => method === 'GET')
  expect(pulls).toHaveLength(2)
  for (const line of pulls) expect(line).toMatchObject({ repository: 'app', cache: 'hosted' })
  for (const line of pulls) expect(line).not.toHaveProperty('upstream')
})
