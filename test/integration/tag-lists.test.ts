import { expect, test } from 'vitest'
import { smallImage } from '../support/image-builder.ts'
import { ask, errorOf, type Reply } from '../support/raw-client.ts'
import { fail, hangUp, redirectTo } from '../support/scripted-behaviour.ts'
import { missTtlMs, startMirrored, startUpstream, tagTtlMs } from '../support/start-mirrored.ts'

const sortedTags = ['1.0', '1.10', '1.2', 'A', 'Z', '_x', 'a', 'latest']
const path = '/v2/docker.io/team/app/tags/list'

const startWithTags = async (tags: readonly string[] = sortedTags) => {
  const mirrored = await startMirrored()
  const repository = mirrored.upstream.repository('team/app')
  const image = await repository.addImage('latest', smallImage('a'))
  repository.tags.clear()
  for (const tag of tags.toReversed()) repository.tags.set(tag, image.descriptor.digest)
  return { ...mirrored, repository }
}

const tagsOf = ({ body }: Reply): string[] => JSON.parse(body.toString()).tags

const nextOf = ({ headers }: Reply): string | undefined =>
  /^<([^>]*)>; rel="next"$/.exec(String(headers.link))?.[1]

test('all tags come sorted by byte, under the name that was asked for', async () => {
  const { upstream, server } = await startWithTags()

  const reply = await ask(server, path)

  expect(reply.status).toBe(200)
  expect(reply.headers['content-type']).toBe('application/json')
  expect(JSON.parse(reply.body.toString())).toEqual({
    name: 'docker.io/team/app',
    tags: sortedTags,
  })
  expect(reply.headers).not.toHaveProperty('link')
  // Three tags a page: upstream was asked for all of its pages.
  expect(upstream.count(/tags\/list/)).toBe(3)
})

test('a fresh list is served again, whatever page of it, without asking upstream', async () => {
  const { upstream, server } = await startWithTags()
  await ask(server, path)

  for (const query of ['', '?n=2', '?last=Z']) {
    const reply = await ask(server, `${path}${query}`)
    expect(reply.headers['x-entrepot-cache']).toBe('hit')
  }

  expect(upstream.count(/tags\/list/)).toBe(3)
})

test.each([
  '/v2/docker.io/team/app/tags/list?n=3',
  '/v2/team/app/tags/list?ns=docker.io&n=3',
  '/docker.io/v2/team/app/tags/list?n=3',
  '/v2/team/app/tags/list?n=3',
  '/v2/docker.io/team%2Fapp/tags/list?n=3',
])('the Links from %s lead through every page, relative and in the same form', async (first) => {
  const { server } = await startWithTags()
  const pages: string[][] = []
  const [form, query] = first.split('?')

  for (let next: string | undefined = first; next && pages.length < 10; ) {
    expect(next.startsWith(`${form}?`)).toBe(true)
    expect(new URLSearchParams(next.split('?')[1]).get('ns')).toBe(
      new URLSearchParams(query).get('ns'),
    )
    const reply = await ask(server, next)
    expect(reply.status).toBe(200)
    pages.push(tagsOf(reply))
    next = nextOf(reply)
  }

  expect(pages).toEqual([sortedTags.slice(0, 3), sortedTags.slice(3, 6), sortedTags.slice(6)])
})

test.each([
  { query: '?n=0', tags: [] },
  { query: '?last=1.2', tags: sortedTags.slice(3) },
  { query: '?last=1.3', tags: sortedTags.slice(3) },
  { query: '?last=latest', tags: [] },
  { query: '?n=2&last=A', tags: ['Z', '_x'] },
  { query: '?n=100', tags: sortedTags },
])('$query gives its part', async ({ query, tags }) => {
  const { server } = await startWithTags()

  expect(tagsOf(await ask(server, `${path}${query}`))).toEqual(tags)
})

test.each(['n=-1', 'n=abc', 'n=1.5', 'n=1e3', 'n=99999999999999999999'])(
  '%s is refused',
  async (query) => {
    const { server } = await startWithTags()

    const reply = await ask(server, `${path}?${query}`)

    expect(reply.status).toBe(400)
    expect(errorOf(reply).code).toBe('PAGINATION_NUMBER_INVALID')
  },
)

test('n=0 has no Link', async () => {
  const { server } = await startWithTags()

  expect((await ask(server, `${path}?n=0`)).headers).not.toHaveProperty('link')
})

test('a list that upstream says is null is empty', async () => {
  const { upstream, server } = await startWithTags()
  const body = Buffer.from('{"name":"team/app","tags":null}')
  upstream.script(/tags\/list/, () => ({ status: 200, headers: {}, body }))

  const reply = await ask(server, path)

  expect(reply.status).toBe(200)
  expect(tagsOf(reply)).toEqual([])
})

test('a known list is served stale while the upstream is down', async () => {
  const { upstream, server, clock } = await startWithTags()
  await ask(server, path)
  clock.advance(tagTtlMs)
  await upstream.stop()

  const reply = await ask(server, path)

  expect(tagsOf(reply)).toEqual(sortedTags)
  expect(reply.headers['x-entrepot-cache']).toBe('stale')
  expect(reply.headers.warning).toMatch(/^299 - ".*docker\.io/)
})

test('where no list is known, tags that were pulled stand for it while upstream is down', async () => {
  const { upstream, server } = await startWithTags()
  await ask(server, '/v2/team/app/manifests/1.2')
  await ask(server, '/v2/team/app/manifests/1.10')
  await upstream.stop()

  const reply = await ask(server, path)

  expect(tagsOf(reply)).toEqual(['1.10', '1.2'])
  expect(reply.headers['x-entrepot-cache']).toBe('stale')
})

test('a list is unknown where the repository is, and unavailable where upstream is down', async () => {
  const { upstream, server, clock } = await startMirrored()

  const unknown = await ask(server, path)
  expect(unknown.status).toBe(404)
  expect(errorOf(unknown).code).toBe('NAME_UNKNOWN')

  await upstream.stop()
  clock.advance(missTtlMs)
  expect((await ask(server, path)).status).toBe(503)
})

test('a tag that is new upstream is listed once the list is asked for again', async () => {
  const { server, clock, repository } = await startWithTags()
  await ask(server, path)
  repository.tags.set('2.0', repository.tags.get('1.2') ?? '')
  clock.advance(tagTtlMs)

  expect(tagsOf(await ask(server, path))).toContain('2.0')
})

test('what upstream lists that is no tag is left out', async () => {
  const { upstream, server } = await startWithTags()
  const tags = ['ok', '../etc', '', 7, null, 'x'.repeat(129), 'sp ace', 'ok']
  const body = Buffer.from(JSON.stringify({ name: 'team/app', tags }))
  upstream.script(/tags\/list/, () => ({ status: 200, headers: {}, body }))

  expect(tagsOf(await ask(server, path))).toEqual(['ok'])
})

test.each([
  { name: 'that goes round', link: () => '/v2/team/app/tags/list?n=3' },
  { name: 'to another host', link: (other: string) => `${other}/v2/team/app/tags/list` },
])('a Link $name is not followed, nor its list taken for whole', async ({ link }) => {
  const other = await startUpstream()
  const { upstream, server } = await startWithTags(['a', 'b'])
  upstream.script(/tags\/list/, (usual) => ({
    ...usual,
    headers: { ...usual.headers, link: `<${link(other.otherUrl)}>; rel="next"` },
  }))

  expect((await ask(server, path)).status).toBe(502)
  expect(upstream.count(/tags\/list/)).toBeLessThan(4)
  expect(other.requests).toEqual([])
})

test.each([
  { name: 'breaks off', behaviour: hangUp },
  { name: 'fails', behaviour: fail(500) },
  { name: 'is a redirect to nowhere', behaviour: redirectTo('') },
])('a list whose second page $name is not passed off as the whole', async ({ behaviour }) => {
  const { upstream, server } = await startWithTags()
  upstream.script(/tags\/list\?last/, behaviour)

  expect((await ask(server, path)).status).toBeGreaterThan(500)
})

test('HEAD has the same headers and no body', async () => {
  const { server } = await startWithTags()
  await ask(server, path)

  const got = await ask(server, `${path}?n=2`)
  const head = await ask(server, `${path}?n=2`, { method: 'HEAD' })

  expect(head.body).toHaveLength(0)
  expect({ ...head.headers, date: '' }).toEqual({ ...got.headers, date: '' })
})
