import { expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask, errorOf, type Reply } from '../support/raw-client.ts'
import { startMirrored } from '../support/start-mirrored.ts'

const namesOf = ({ body }: Reply): string[] => JSON.parse(body.toString()).repositories

/** Three repositories are kept, of two upstreams; one more exists. */
const startWithImages = async () => {
  const mirrored = await startMirrored()
  const { upstream, server } = mirrored
  const url = upstream.url
  await server.configure({ upstreams: { 'docker.io': { url }, 'ghcr.io': { url } } })
  for (const name of ['library/alpine', 'team/app', 'team/unpulled']) {
    await upstream.repository(name).addImage('1', smallImage(name))
  }
  for (const name of ['alpine', 'team/app', 'ghcr.io/team/app']) {
    await ask(server, `/v2/${name}/manifests/1`)
  }
  const asked = upstream.requests.length
  return { ...mirrored, asked }
}

test('the catalog lists what is kept, with its upstream, without asking anyone', async () => {
  const { upstream, server, asked } = await startWithImages()

  const reply = await ask(server, '/v2/_catalog')

  expect(reply.status).toBe(200)
  expect(reply.headers['content-type']).toBe('application/json')
  expect(namesOf(reply)).toEqual([
    'docker.io/library/alpine',
    'docker.io/team/app',
    'ghcr.io/team/app',
  ])
  expect(upstream.requests).toHaveLength(asked)
})

test.each(['/docker.io/v2/_catalog', '/v2/_catalog?ns=docker.io'])(
  '%s lists that upstream alone, without its name',
  async (path) => {
    const { server } = await startWithImages()

    expect(namesOf(await ask(server, path))).toEqual(['library/alpine', 'team/app'])
  },
)

test('pages are linked', async () => {
  const { server } = await startWithImages()

  const first = await ask(server, '/v2/_catalog?n=2')
  expect(namesOf(first)).toHaveLength(2)
  const [, next = ''] =
    /^<(\/v2\/_catalog\?[^>]*)>; rel="next"$/.exec(String(first.headers.link)) ?? []
  const second = await ask(server, next)

  expect(namesOf(second)).toEqual(['ghcr.io/team/app'])
  expect(second.headers).not.toHaveProperty('link')
})

test('an empty catalog is an empty list', async () => {
  const { server } = await startMirrored()

  expect(namesOf(await ask(server, '/v2/_catalog'))).toEqual([])
})

test.each([
  { path: '/v2/_catalog?n=-1', status: 400, code: 'PAGINATION_NUMBER_INVALID' },
  { path: '/unknown.example/v2/_catalog', status: 404, code: 'NAME_UNKNOWN' },
])('$path is refused', async ({ path, status, code }) => {
  const { server } = await startMirrored()

  const reply = await ask(server, path)

  expect(reply.status).toBe(status)
  expect(errorOf(reply).code).toBe(code)
})
