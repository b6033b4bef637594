import { expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask, errorOf } from '../support/raw-client.ts'
import { pullUntilKept, startMirrored, startUpstream } from '../support/start-mirrored.ts'

const forms = [
  '/v2/library/alpine/manifests/1?ns=docker.io',
  '/v2/docker.io/library/alpine/manifests/1',
  '/v2/docker.io/library/alpine/manifests/1?ns=docker.io',
  '/docker.io/v2/library/alpine/manifests/1',
  '/v2/library/alpine/manifests/1',
  // Docker Hub's other names, and what people leave out.
  '/v2/library/alpine/manifests/1?ns=registry-1.docker.io',
  '/v2/index.docker.io/library/alpine/manifests/1',
  '/v2/docker.io/alpine/manifests/1',
  '/v2/alpine/manifests/1',
  '/docker.io/v2/alpine/manifests/1',
  '/v2/alpine/manifests/1?ns=docker.io&unknown=parameter',
]

test('every form of a name gives the same bytes and headers from one fetch', async () => {
  const { upstream, server } = await startMirrored()
  const image = await upstream.repository('library/alpine').addImage('1', smallImage('a'))
  await ask(server, '/v2/library/alpine/manifests/1')
  const layer = image.layers[0]?.digest ?? ''
  await pullUntilKept(server, `/v2/library/alpine/blobs/${layer}`)

  const replies = await Promise.all(forms.map((form) => ask(server, form)))
  const layers = await Promise.all(
    forms.map((form) => ask(server, form.replace('manifests/1', `blobs/${layer}`))),
  )

  for (const reply of replies) {
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual(image.bytes)
    expect({ ...reply.headers, date: '' }).toEqual({ ...replies[0]?.headers, date: '' })
  }
  for (const reply of layers) {
    expect(reply.status).toBe(200)
    expect(reply.body).toEqual(layers[0]?.body)
    expect({ ...reply.headers, date: '' }).toEqual({ ...layers[0]?.headers, date: '' })
  }
  expect(upstream.count(/manifests/)).toBe(1)
  expect(upstream.count(/blobs/)).toBe(1)
})

test('each name leads to its own upstream', async () => {
  const other = await startUpstream()
  const { upstream, server } = await startMirrored()
  const settings = { 'docker.io': { url: upstream.url }, 'ghcr.io': { url: other.url } }
  await server.configure({ upstreams: settings })
  const hub = await upstream.repository('team/app').addImage('1', smallImage('hub'))
  const ghcr = await other.repository('team/app').addImage('1', smallImage('ghcr'))

  expect((await ask(server, '/v2/team/app/manifests/1')).body).toEqual(hub.bytes)
  for (const path of ['/v2/ghcr.io/team/app', '/ghcr.io/v2/team/app', '/v2/GHCR.io/team/app']) {
    const reply = await ask(server, `${path}/manifests/1`)
    expect(reply.body).toEqual(ghcr.bytes)
    expect(reply.headers['oci-namespace']).toBe('ghcr.io')
  }
  expect((await ask(server, '/v2/team/app/manifests/1?ns=ghcr.io')).body).toEqual(ghcr.bytes)
})

test('a host with a port is an upstream too, written with an underscore in a path', async () => {
  const { upstream, server } = await startMirrored()
  await server.configure({
    upstreams: { 'docker.io': {}, 'registry.lan:5000': { url: upstream.url } },
  })
  const image = await upstream.repository('app').addImage('1', smallImage('a'))

  for (const path of [
    '/v2/app/manifests/1?ns=registry.lan:5000',
    '/v2/registry.lan_5000/app/manifests/1',
  ]) {
    const reply = await ask(server, path)
    expect(reply.body).toEqual(image.bytes)
  }
})

test.each([
  '/v2/unknown.example/team/app/manifests/1',
  '/v2/team/app/manifests/1?ns=unknown.example',
  '/unknown.example/v2/team/app/manifests/1',
  '/v2/unknown.example/team/app/tags/list',
])('%s is refused, with how to add the upstream', async (path) => {
  const { upstream, server } = await startMirrored()

  const reply = await ask(server, path)

  expect(reply.status).toBe(404)
  expect(errorOf(reply).code).toBe('NAME_UNKNOWN')
  expect(errorOf(reply).message).toContain('unknown.example')
  expect(errorOf(reply).message).toContain('"unknown.example: {}" under upstreams: in mirrors.yaml')
  expect(upstream.requests).toHaveLength(0)
})

test('a request that names two upstreams is refused', async () => {
  const { server } = await startMirrored()
  await server.configure({ upstreams: { 'docker.io': {}, 'ghcr.io': {} } })

  const reply = await ask(server, '/docker.io/v2/team/app/manifests/1?ns=ghcr.io')

  expect(reply.status).toBe(400)
  expect(errorOf(reply).code).toBe('NAME_INVALID')
})

test('a repository that deny names is refused without a request upstream', async () => {
  const { upstream, server } = await startMirrored({ deny: ['team/secret/**'] })
  await upstream.repository('team/secret/app').addImage('1', smallImage('a'))

  const reply = await ask(server, '/v2/team/secret/app/manifests/1')

  expect(reply.status).toBe(403)
  expect(errorOf(reply).code).toBe('DENIED')
  expect(upstream.requests).toHaveLength(0)
})

test.each(['/v2/', '/v2', '/docker.io/v2/', '/docker.io/v2', '/v2/?ns=docker.io'])(
  '%s says that this is a registry, to anonymous clients and without asking anyone',
  async (path) => {
    const { upstream, server } = await startMirrored()

    const reply = await ask(server, path)

    expect(reply.status).toBe(200)
    expect(reply.body.toString()).toBe('{}')
    expect(reply.headers['content-type']).toBe('application/json')
    expect(reply.headers['docker-distribution-api-version']).toBe('registry/2.0')
    expect(upstream.requests).toHaveLength(0)
  },
)
