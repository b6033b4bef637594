import { expect, test } from 'vitest'
import type { EvictionsAnswer, NextEvictionsAnswer } from '../../src/answers/space.ts'
import { smallImage } from '../support/image-builder.ts'
import { ask } from '../support/raw-client.ts'
import { startMirrored, startUpstream } from '../support/start-mirrored.ts'

const names = ['team/a', 'team/b', 'team/c', 'team/d']

/** One image of each name, and one of an upstream that is private; all of them pulled. */
const start = async (threads = 1) => {
  const secret = await startUpstream()
  const others = { upstreams: { 'secret.test': { url: secret.url, private: true } } }
  const mirrored = await startMirrored({}, { threads, space: { minAge: '0s' } })
  const { upstream, server, settings, clock } = mirrored
  const all = { ...(settings.upstreams as object), ...others.upstreams }
  await server.configure({ ...settings, upstreams: all })
  await secret.repository('team/secret').addImage('1', smallImage('secret'))
  for (const name of names) {
    await upstream.repository(name).addImage('1', smallImage(name))
    await ask(server, `/v2/docker.io/${name}/manifests/1`)
    clock.advance(60_000)
  }
  const { headers } = server.operator
  await ask(server, '/v2/secret.test/team/secret/manifests/1', { headers })
  clock.advance(60_000)
  const get = async (path: string, asOperator = false) => {
    const reply = await ask(server, `/api/v1${path}`, asOperator ? { headers } : {})
    return { status: reply.status, ...JSON.parse(`${reply.body}`) }
  }
  return { ...mirrored, get }
}

const docker = names.map((name) => `docker.io/${name}`)

test.each([1, 2])(
  'what would go next and what went is told page by page, to who may pull it, with %i threads',
  async (threads) => {
    const { server, get } = await start(threads)
    const namesOf = ({ images }: NextEvictionsAnswer) => images.map(({ name }) => name)
    const next = await get('/next-evictions', true)
    expect(namesOf(next)).toEqual([...docker, 'secret.test/team/secret'])
    expect(next.images[0]).toMatchObject({ tags: ['1'], freedBytes: expect.any(Number) })
    expect(namesOf(await get('/next-evictions'))).toEqual(docker)
    const second = await get('/next-evictions?offset=1&limit=2')
    expect([namesOf(second), second.hasMore]).toEqual([docker.slice(1, 3), true])
    const last = await get('/next-evictions?offset=3&limit=2')
    expect([namesOf(last), last.hasMore]).toEqual([docker.slice(3), false])

    await server.post('/api/v1/evict', { to: 0 })
    expect((await get('/next-evictions', true)).images).toEqual([])
    const all: EvictionsAnswer = await get('/evictions', true)
    expect(all.evictions.map(({ name }) => name)).toEqual([
      'secret.test/team/secret',
      ...docker.toReversed(),
    ])
    expect(all.evictions[1]).toMatchObject({ tags: ['1'], reason: 'by hand' })
    // How much went tells of what the asker may not pull, too.
    expect((await get('/space/history', true)).evictions).toMatchObject([{ images: 5 }])
    expect((await get('/space/history')).evictions).toEqual([])
    const seen: string[] = []
    let after: string | undefined
    do {
      const page: EvictionsAnswer = await get(`/evictions?limit=3${after ? `&after=${after}` : ''}`)
      seen.push(...page.evictions.map(({ name }) => name))
      after = page.next
    } while (after !== undefined)
    expect(seen).toEqual(docker.toReversed())
  },
)

test('what is no number of any is refused', async () => {
  const { get } = await start()
  const wrong = ['/evictions?limit=0', '/evictions?limit=501', '/evictions?after=x']
  const others = [
    '/next-evictions?offset=10001',
    '/space/history?days=0',
    '/space/history?days=1e9',
  ]
  for (const path of [...wrong, ...others]) expect((await get(path)).status, path).toBe(400)
})
