import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { parseRepository } from '../../../src/oci/repository.ts'
import type { UpstreamName } from '../../../src/oci/upstream-name.ts'
import { BufferRoom } from '../../../src/upstream/buffer-room.ts'
import { uncounted } from '../../../src/upstream/fetch-meter.ts'
import { Upstream } from '../../../src/upstream/upstream.ts'

type Page = { readonly tags?: unknown; readonly link?: string; readonly body?: string }

const repository = parseRepository('a/b')
const first = '/v2/a/b/tags/list?n=1000'

/** A registry of one list: what it answers to each path, and the paths it was asked. */
class ListRegistry {
  readonly asked: string[] = []
  readonly #server: Server
  #pages: Readonly<Record<string, Page>> = {}

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = request.url ?? ''
      if (path === '/v2/') return response.end('{}')
      this.asked.push(path)
      const page = this.#pages[path]
      if (!page) return response.writeHead(404).end()
      if (page.link !== undefined) response.setHeader('Link', page.link)
      response.end(page.body ?? JSON.stringify({ name: repository, tags: page.tags }))
    })
  }

  static async start(): Promise<ListRegistry> {
    const registry = new ListRegistry()
    registry.#server.listen(0, '127.0.0.1')
    await once(registry.#server, 'listening')
    return registry
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  serve(pages: Readonly<Record<string, Page>>): void {
    this.#pages = pages
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

let registry: ListRegistry
let upstream: Upstream

beforeEach(async () => {
  registry = await ListRegistry.start()
  const settings = {
    urls: [`http://${registry.host}`],
    username: undefined,
    password: undefined,
    missTtlMs: 0,
    maxConnections: 1,
    bandwidthBytesPerSecond: undefined,
    connectTimeoutMs: 5000,
    idleTimeoutMs: 5000,
    caPem: undefined,
    allowHosts: [],
    isConfigured: true,
  }
  const nobodyHears = {
    onOutage: () => {},
    onOutageEnd: () => {},
    onBudget: () => {},
    meter: uncounted,
  }
  const room = new BufferRoom(0)
  const surroundings = { elapsedMs: Date.now, isOffline: () => false, room, ...nobodyHears }
  upstream = new Upstream('registry.example' as UpstreamName, settings, surroundings)
})
afterEach(async () => {
  await upstream.close()
  await registry.stop()
})

const second = '/v2/a/b/tags/list?n=1000&last=1'
const next = (target: string) => `<${target}>; rel="next"`

describe('the next page is', () => {
  test.each([
    ['at a path', next(second)],
    ['at a query alone', next('?n=1000&last=1')],
    ['without quotes', `<${second}>; rel=next`],
    ['with other parameters before', `<${second}>; title=more; rel="next"`],
    ['without a space', `<${second}>;rel="next"`],
    ['behind another link', `</v2/a/b/tags/list>; rel="first", ${next(second)}`],
    ['before another link', `${next(second)}, </v2/a/b/tags/list>; rel="first"`],
    ['with capitals', `<${second}>; REL="Next"`],
    ['behind a title with a comma', `<${second}>; title="a, b"; rel="next"`],
    ['one of several relations', `<${second}>; rel="last next"`],
  ])('%s', async (_rule, link) => {
    registry.serve({ [first]: { tags: ['1'], link }, [second]: { tags: ['2'] } })
    expect(await upstream.fetchTags(repository)).toEqual(['1', '2'])
    expect(registry.asked).toEqual([first, second])
  })

  test('at a whole URL of the registry', async () => {
    const link = next(`http://${registry.host}${second}`)
    registry.serve({ [first]: { tags: ['1'], link }, [second]: { tags: ['2'] } })
    expect(await upstream.fetchTags(repository)).toEqual(['1', '2'])
  })

  test('none where the link means something else', async () => {
    registry.serve({ [first]: { tags: ['1'], link: `<${second}>; rel="prev"` } })
    expect(await upstream.fetchTags(repository)).toEqual(['1'])
  })
})

describe('another host is never asked', () => {
  let stranger: ListRegistry

  beforeEach(async () => {
    stranger = await ListRegistry.start()
  })
  afterEach(async () => {
    await stranger.stop()
  })

  test.each([
    ['by its URL', (host: string) => `http://${host.replace('127.0.0.1', 'localhost')}/x`],
    [
      'by a URL without a scheme',
      (host: string) => `//${host.replace('127.0.0.1', 'localhost')}/x`,
    ],
    [
      'by a path of the registry that reads like one',
      (host: string) => `http://${registry.host}//${host}/x`,
    ],
  ])('%s', async (_rule, target) => {
    registry.serve({ [first]: { tags: ['1'], link: next(target(stranger.host)) } })
    await upstream.fetchTags(repository).catch(() => {})
    expect(stranger.asked).toEqual([])
  })
})

const nested = (depth: number) => `{"tags": [${'{"0":'.repeat(depth)}1${'}'.repeat(depth)}]}`

describe('a list', () => {
  test('may be null where it is empty', async () => {
    registry.serve({ [first]: { tags: null } })
    expect(await upstream.fetchTags(repository)).toEqual([])
  })

  test('leaves out what is no text', async () => {
    registry.serve({ [first]: { tags: ['1', 2, null, {}, '3'] } })
    expect(await upstream.fetchTags(repository)).toEqual(['1', '3'])
  })

  test('ends where a page comes again', async () => {
    registry.serve({ [first]: { tags: ['1'], link: next(first) } })
    await expect(upstream.fetchTags(repository)).rejects.toThrow('a list without end')
    expect(registry.asked).toEqual([first])
  })

  test.each([
    ['no JSON', '<html>'],
    ['no list', '{"tags": "latest"}'],
    ['another list', '{"manifests": []}'],
    ['null', 'null'],
    ['nested deeper than it could be written again', nested(10_000)],
  ])('is not %s', async (_rule, body) => {
    registry.serve({ [first]: { body } })
    await expect(upstream.fetchTags(repository)).rejects.toThrow(
      expect.objectContaining({
        kind: 'invalid',
        message: expect.stringContaining('no list of tags'),
      }),
    )
  })

  test('is not longer than memory should bear', async () => {
    registry.serve({ [first]: { body: `{"tags": ["${'x'.repeat(32 * 1024 * 1024)}"]}` } })
    await expect(upstream.fetchTags(repository)).rejects.toThrow(
      expect.objectContaining({ name: 'UpstreamError', upstream: 'registry.example' }),
    )
  })
})
