import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SeededHosted, seedHosted } from '../../bench/listings/seed-hosted.ts'
import { ask, type Reply } from '../support/raw-client.ts'
import { type StartedServer, startServer } from '../support/start-server.ts'
import { makeTemporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts'

const seed = { repositories: 230, tagsEach: 12, readable: 1, referrers: 120 }
const tags = Array.from({ length: seed.tagsEach }, (_, position) => `1.${position}.0`).sort()
const indexType = 'application/vnd.oci.image.index.v1+json'

let directory: TemporaryDirectory
let server: StartedServer
let seeded: SeededHosted

const json = ({ status, body }: Reply) => {
  expect(status, body.toString()).toBe(200)
  return JSON.parse(body.toString())
}

const nextOf = ({ headers }: Reply): string | undefined =>
  headers.link === undefined ? undefined : /^<(\/[^>]*)>; rel="next"$/.exec(`${headers.link}`)?.[1]

/** Every page from `first` on, by its Links. */
const follow = async (first: string): Promise<readonly Reply[]> => {
  const replies: Reply[] = []
  for (let next: string | undefined = first; next !== undefined; ) {
    const reply = await ask(server, next)
    expect(reply.status, reply.body.toString()).toBe(200)
    replies.push(reply)
    next = nextOf(reply)
  }
  return replies
}

const entriesOf = (replies: readonly Reply[], field: string): unknown[] =>
  replies.flatMap((reply) => json(reply)[field])

describe.each([1, 2])('with %i threads', (threads) => {
  beforeAll(async () => {
    directory = await makeTemporaryDirectory()
    const settings = { threads, offline: true }
    await (await startServer(directory.path, settings)).stop()
    seeded = await seedHosted(`${directory.path}/data`, seed)
    server = await startServer(directory.path, settings)
  })
  afterAll(async () => {
    await server.stop()
    await directory.remove()
  })

  test.each([7, 23, 229, 230, 1000])('the catalog is whole and in order by %i', async (count) => {
    const replies = await follow(`/v2/_catalog?n=${count}`)
    expect(entriesOf(replies, 'repositories')).toEqual(seeded.repositories)
    expect(replies).toHaveLength(Math.ceil(seed.repositories / count))
  })

  test('the catalog goes on behind a name that is not there, and lists nothing of an upstream', async () => {
    const reply = await ask(server, '/v2/_catalog?n=2&last=team-00099/zzz')
    expect(json(reply).repositories).toEqual(seeded.repositories.slice(100, 102))
    expect(json(await ask(server, '/v2/_catalog?last=zzz'))).toEqual({ repositories: [] })
    expect(json(await ask(server, '/v2/_catalog?n=0'))).toEqual({ repositories: [] })
    expect(json(await ask(server, '/docker.io/v2/_catalog'))).toEqual({ repositories: [] })
  })

  test.each([1, 5, 12, 100])('tags are whole and in order by %i', async (count) => {
    const [, name] = seeded.repositories
    const replies = await follow(`/v2/${name}/tags/list?n=${count}`)
    expect(entriesOf(replies, 'tags')).toEqual(tags)
    expect(replies).toHaveLength(Math.ceil(tags.length / count))
    expect(replies[0]?.headers['x-entrepot-cache']).toBe('hosted')
    expect(json(await ask(server, `/v2/${name}/tags/list`))).toEqual({ name, tags })
    expect(json(await ask(server, `/v2/${name}/tags/list?n=0`)).tags).toEqual([])
  })

  test('what asks for no page, or for more than there may be, is refused or cut', async () => {
    const [name] = seeded.repositories
    for (const path of ['_catalog', `${name}/tags/list`, `${name}/referrers/${seeded.subject}`]) {
      for (const n of ['-1', 'x', '9e9', '9'.repeat(30)])
        expect((await ask(server, `/v2/${path}?n=${n}`)).status).toBe(400)
      const reply = await ask(server, `/v2/${path}?n=999999999`)
      expect([reply.status, nextOf(reply)]).toEqual([200, undefined])
    }
  })

  test('referrers are whole by their Links, each once, and of one type where that is asked', async () => {
    const path = `/v2/${seeded.repositories[0]}/referrers/${seeded.subject}`
    const digestsOf = (replies: readonly Reply[]) =>
      entriesOf(replies, 'manifests').map((entry) => (entry as { digest: string }).digest)
    const all = digestsOf(await follow(path))
    expect(all).toHaveLength(seed.referrers)
    expect(new Set(all).size).toBe(seed.referrers)
    for (const count of [7, 60, 119, 120]) {
      const replies = await follow(`${path}?n=${count}`)
      expect(digestsOf(replies)).toEqual(all)
      expect(replies).toHaveLength(Math.ceil(seed.referrers / count))
      for (const { headers } of replies) expect(headers['content-type']).toBe(indexType)
    }
    const type = 'application/vnd.example.sbom'
    const replies = await follow(`${path}?artifactType=${encodeURIComponent(type)}&n=5`)
    const found = entriesOf(replies, 'manifests')
    expect(found).toHaveLength(seed.referrers / 10)
    for (const entry of found) expect(entry).toMatchObject({ artifactType: type, size: 700 })
    for (const { headers } of replies) expect(headers['oci-filters-applied']).toBe('artifactType')
    expect(json(await ask(server, `${path}?artifactType=none`)).manifests).toEqual([])
  })

  test('the overview is whole and in order by pages, with what is in each repository', async () => {
    const seen: { name: string }[] = []
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page = json(await ask(server, `/api/v1/repositories?limit=60&after=${after}`))
      seen.push(...page.repositories)
      after = page.next
    }
    expect(seen.map(({ name }) => name)).toEqual(seeded.repositories)
    const layers = 3 + seed.tagsEach * 2
    for (const repository of seen) {
      expect(repository).toMatchObject({ hosted: true, tags: seed.tagsEach })
      expect(repository).toHaveProperty('lastPull')
      const { size } = repository as unknown as { size: number }
      expect(size).toBeGreaterThan(layers * 10_000_000)
      expect(size).toBeLessThan(layers * 10_000_000 + seed.tagsEach * 1_000)
    }
  })

  test('an image is told by every thread', async () => {
    const [name] = seeded.repositories
    for (let times = 0; times < 4; times++) {
      const told = json(await ask(server, `/api/v1/image?name=${name}:1.3.0`))
      expect(told).toMatchObject({ name, tags: ['1.3.0'], config: { architecture: 'amd64' } })
      expect(told.layers).toHaveLength(5)
      const none = await ask(server, '/api/v1/image?name=team-none/app:1')
      expect([none.status, JSON.parse(none.body.toString())]).toEqual([
        404,
        { error: expect.stringContaining('nothing of docker.io/team-none/app is kept here') },
      ])
    }
  })

  test('images are whole and in order by pages, with what they say of themselves', async () => {
    const [name] = seeded.repositories
    const seen: Record<string, unknown>[] = []
    for (let after: string | undefined = ''; after !== undefined; ) {
      const path = `/api/v1/images?repository=${name}&limit=5&after=${after}`
      const page = json(await ask(server, path))
      expect(page).toMatchObject({ repository: name, hosted: true })
      seen.push(...page.images)
      after = page.next
    }
    expect(seen.map(({ tag }) => tag)).toEqual(tags)
    expect(seen[0]).toMatchObject({
      tag: '1.0.0',
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      created: '2026-01-01T00:00:00.000Z',
      description: `${name} as of 2026-01-01`,
    })
    expect(Math.floor(Number(seen[0]?.size) / 10_000_000)).toBe(5)
  })
})
