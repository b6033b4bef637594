import { expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { findFreePort } from '../support/lab/free-port.ts'
import { ask, errorOf } from '../support/raw-client.ts'
import { startMirrored } from '../support/start-mirrored.ts'

const startWithDockerPort = async () => {
  const port = await findFreePort()
  const mirrored = await startMirrored({}, { dockerListen: `127.0.0.1:${port}` })
  const image = await mirrored.upstream.repository('library/alpine').addImage('1', smallImage('a'))
  return { ...mirrored, image, dockerd: { port } }
}

test('the second port is the default upstream, and shares the cache of the first', async () => {
  const { upstream, server, image, dockerd } = await startWithDockerPort()

  expect((await ask(dockerd, '/v2/')).status).toBe(200)
  for (const target of [dockerd, server]) {
    const reply = await ask(target, '/v2/library/alpine/manifests/1')
    expect(reply.body).toEqual(image.bytes)
  }
  expect((await ask(dockerd, '/v2/library/alpine/manifests/1?ns=docker.io')).status).toBe(200)
  expect(upstream.count(/manifests/)).toBe(1)
})

test('the second port has no other upstreams', async () => {
  const { server, upstream, dockerd } = await startWithDockerPort()
  const url = upstream.url
  await server.configure({ upstreams: { 'docker.io': { url }, 'ghcr.io': { url } } })
  await upstream.repository('team/app').addImage('1', smallImage('b'))

  expect((await ask(dockerd, '/ghcr.io/v2/team/app/manifests/1')).status).toBe(404)
  expect((await ask(dockerd, '/docker.io/v2/team/app/manifests/1')).status).toBe(404)
  for (const path of ['/v2/ghcr.io/team/app/manifests/1', '/v2/team/app/manifests/1?ns=ghcr.io']) {
    const other = await ask(dockerd, path)
    expect(other.status).toBe(400)
    expect(errorOf(other).code).toBe('NAME_INVALID')
  }
})

test('the second port takes no pushes', async () => {
  const { dockerd } = await startWithDockerPort()

  const reply = await ask(dockerd, '/v2/library/alpine/manifests/1', { method: 'PUT' })

  expect(reply.status).toBe(405)
})

test('the second port answers health, tells nothing of the server, and ends with it', async () => {
  const { server, dockerd } = await startWithDockerPort()
  expect((await ask(dockerd, '/healthz')).status).toBe(200)
  for (const path of ['/metrics', '/api/v1/space'])
    expect((await ask(dockerd, path)).status).toBe(404)

  await server.stop()

  await expect(ask(dockerd, '/healthz')).rejects.toThrow('ECONNREFUSED')
})
