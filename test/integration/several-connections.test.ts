import { describe, expect, test, vi } from 'vitest'
import { makeBytes } from '../support/image-builder.ts'
import {
  aloneMs,
  blobs,
  bytesPerSecond,
  costOf,
  isPart,
  mebibyte,
  pieceBytes,
  pull,
  size,
  startWithBlobs,
} from '../support/large-blobs.ts'
import { ask, openReply } from '../support/raw-client.ts'
import { cutAfter } from '../support/scripted-behaviour.ts'
import type { Behaviour } from '../support/scripted-upstream.ts'
import type { StartedServer } from '../support/start-server.ts'

const blobsOf = async (server: StartedServer) => {
  const { body } = await ask(server, '/api/v1/upstreams')
  return JSON.parse(body.toString()).upstreams[0].blobs
}

describe('where upstream limits each connection', () => {
  test('a large blob comes over several, and the next begins with them', async () => {
    const { upstream, server, digests, first, second, most } = await startWithBlobs()

    const begun = await pull(server, first)
    expect(begun.digest).toBe(digests[0])
    expect(begun.ms).toBeLessThan(0.6 * aloneMs)
    expect(costOf(upstream, first)).toBeLessThan(1.06)

    const next = await pull(server, second)
    expect(next.digest).toBe(digests[1])
    expect(next.ms).toBeLessThan(0.6 * aloneMs)
    expect(costOf(upstream, second)).toBeLessThan(1.03)
    expect(upstream.rangesOf(`GET ${second}`).slice(0, 4)).toEqual([
      undefined,
      ...[1, 2, 3].map((n) => `bytes=${n * pieceBytes}-${(n + 1) * pieceBytes - 1}`),
    ])
    // The first one is broken off on its way, and may take a moment to close.
    expect(most()).toBeLessThanOrEqual(7)
  })

  test('one whose size a manifest says is fetched in pieces from its beginning', async () => {
    const { upstream, server, repository, digests, first, second } = await startWithBlobs()
    await pull(server, first)
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const config = { mediaType, digest: repository.addBlob(Buffer.from('{}')), size: 2 }
    const layers = [{ mediaType, digest: digests[1], size }]
    const manifest = { schemaVersion: 2, mediaType, config, layers }
    repository.addManifest({ bytes: Buffer.from(JSON.stringify(manifest)), mediaType }, '1')
    await ask(server, '/v2/team/app/manifests/1')

    expect((await pull(server, second)).digest).toBe(digests[1])

    const ranges = upstream.rangesOf(`GET ${second}`)
    expect(ranges).toHaveLength(size / pieceBytes)
    expect(ranges[0]).toBe(`bytes=0-${pieceBytes - 1}`)
    expect(costOf(upstream, second)).toBe(1)
  })

  test('connections that break cost nothing but a moment', async () => {
    const broken = new Set<string>()
    const cutOnce: Behaviour = (usual, request) => {
      const { range = '' } = request.headers
      const isDue = isPart(range) && Number(/=(\d+)/.exec(range)?.[1]) % 3 === 0
      if (!isDue || broken.size === 4) return usual
      broken.add(range)
      return cutAfter(mebibyte)(usual, request)
    }
    const { upstream, server, digests, first } = await startWithBlobs()
    upstream.script(blobs, cutOnce)

    expect((await pull(server, first)).digest).toBe(digests[0])

    expect(broken.size).toBeGreaterThan(0)
    expect(costOf(upstream, first)).toBeLessThan(1.06)
  })

  test('no more are used than maxConnections, by two blobs together', async () => {
    const started = await startWithBlobs({ maxConnections: 2 })
    const { server, digests, first, second, most } = started

    const pulls = await Promise.all([pull(server, first), pull(server, second)])

    expect(pulls.map(({ digest }) => digest)).toEqual(digests)
    expect(most()).toBeLessThanOrEqual(2)
  })

  test('a blob that has to wait for its turn waits for no more than a piece', async () => {
    const { server, repository, first } = await startWithBlobs({ maxConnections: 2 })
    const small = repository.addBlob(makeBytes('small', 1_000))
    const busy = await openReply(server, first)
    await busy.read(20 * mebibyte)
    expect(await blobsOf(server)).toEqual({ underWay: 1, waiting: 0 })

    const { ms } = await pull(server, `/v2/team/app/blobs/${small}`)

    expect(ms).toBeLessThan((1.5 * pieceBytes * 1000) / bytesPerSecond)
    busy.leave()
  })

  // By command, with LONG_RUNS=1: it takes a quarter of a minute.
  test.runIf(process.env.LONG_RUNS)(
    'one that is on its way when the mirror goes offline comes to its end',
    async () => {
      const { upstream, server, digests, first } = await startWithBlobs()
      const pulling = pull(server, first)
      await vi.waitFor(() => expect(upstream.openResponses).toBeGreaterThan(2), 10_000)
      await server.post('/api/v1/offline', { offline: true })
      const asked = upstream.requests.length

      expect((await pulling).digest).toBe(digests[0])

      expect(upstream.requests.length - asked).toBeLessThanOrEqual(1)
    },
  )

  test('a server that stops leaves none of them open', async () => {
    const { upstream, server, first } = await startWithBlobs()
    const busy = await openReply(server, first)
    await vi.waitFor(() => expect(upstream.openResponses).toBeGreaterThan(2), 10_000)
    busy.leave()

    await server.stop()

    await vi.waitFor(() => expect(upstream.openConnections).toBe(0))
  })
})
