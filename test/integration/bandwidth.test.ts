import { describe, expect, test, vi } from 'vitest'
import { digestOf, makeBytes, smallImage } from '../support/image-builder.ts'
import { ask, openReply } from '../support/raw-client.ts'
import { type Gate, makeGate, swallow, waitFor } from '../support/scripted-behaviour.ts'
import { pullUntilKept, startMirrored, startThroughProxy } from '../support/start-mirrored.ts'
import type { Settings, StartedServer } from '../support/start-server.ts'

const megabyte = 1_000_000
const bandwidth = '4MB/s'
const bytesPerSecond = 4 * megabyte
const manifestPath = '/v2/team/app/manifests/1'

/** An upstream with an image, and blobs of these sizes at these paths. */
const startWithBlobs = async (settings: Settings, sizes: readonly number[]) => {
  const mirrored = await startMirrored(settings)
  const repository = mirrored.upstream.repository('team/app')
  await repository.addImage('1', smallImage('a'))
  const bodies = sizes.map((size, position) => makeBytes(`blob ${position}`, size))
  const paths = bodies.map((bytes) => `/v2/team/app/blobs/${repository.addBlob(bytes)}`)
  return { ...mirrored, bodies, paths }
}

const elapsedSince = (startedAt: number) => performance.now() - startedAt

const blobsOf = async (server: StartedServer) => {
  const { body } = await ask(server, '/api/v1/upstreams')
  return JSON.parse(body.toString()).upstreams[0].blobs
}

describe('a bandwidth', () => {
  test('holds for all blobs together, which get the same share of it', async () => {
    const sizes = [5 * megabyte, 5 * megabyte]
    const { server, paths, bodies } = await startWithBlobs({ bandwidth }, sizes)
    const startedAt = performance.now()

    const pulls = paths.map(async (path) => {
      const { body } = await ask(server, path)
      return { digest: digestOf(body), ms: elapsedSince(startedAt) }
    })
    const [first, second] = await Promise.all(pulls)

    expect([first?.digest, second?.digest]).toEqual(bodies.map((bytes) => digestOf(bytes)))
    const [earlierMs = 0, laterMs = 0] = [first?.ms, second?.ms].sort((a = 0, b = 0) => a - b)
    const dueMs = (10 * megabyte * 1000) / bytesPerSecond
    expect(laterMs).toBeGreaterThan(dueMs * 0.8)
    expect(laterMs).toBeLessThan(dueMs * 1.2)
    expect(earlierMs).toBeGreaterThan(laterMs * 0.8)
  })

  test('is shared with a blob that comes later', async () => {
    const sizes = [20 * megabyte, megabyte]
    const { server, paths } = await startWithBlobs({ bandwidth }, sizes)
    const [large = '', small = ''] = paths
    const busy = await openReply(server, large)
    await busy.read(2 * megabyte)
    const startedAt = performance.now()

    expect((await ask(server, small)).isComplete).toBe(true)

    const dueMs = (2 * megabyte * 1000) / bytesPerSecond
    expect(elapsedSince(startedAt)).toBeGreaterThan(dueMs * 0.6)
    expect(elapsedSince(startedAt)).toBeLessThan(dueMs * 1.5)
    busy.leave()
  })

  test('is for blobs: manifests and lists are not delayed', async () => {
    const { server, paths } = await startWithBlobs({ bandwidth: '1MB/s' }, [20 * megabyte])
    const busy = await openReply(server, paths[0] ?? '')
    await busy.read(megabyte / 2)
    const startedAt = performance.now()

    for (const path of [manifestPath, '/v2/team/app/tags/list']) {
      expect((await ask(server, path)).status).toBe(200)
    }

    expect(elapsedSince(startedAt)).toBeLessThan(300)
    busy.leave()
  })

  test('is for what is fetched: what is kept comes at full speed', async () => {
    const { server, paths, bodies } = await startWithBlobs({ bandwidth }, [3 * megabyte])
    await pullUntilKept(server, paths[0] ?? '')
    const startedAt = performance.now()

    for (const _ of [1, 2, 3, 4, 5]) {
      expect((await ask(server, paths[0] ?? '')).body).toHaveLength(bodies[0]?.length ?? 0)
    }

    expect(elapsedSince(startedAt)).toBeLessThan(1_500)
  })
})

describe('maxConnections', () => {
  const sizes = [1_000, 2_000, 3_000, 4_000, 5_000, 6_000]

  /** Two blobs under way, which upstream answers when the gate opens, and the others after them. */
  const startBusy = async (gateOf?: (position: number) => Gate) => {
    const mirrored = await startWithBlobs({ maxConnections: 2 }, sizes)
    const { upstream, server, paths } = mirrored
    const gate = makeGate()
    let most = 0
    upstream.script(/blobs/, async (usual, request) => {
      most = Math.max(most, upstream.openResponses)
      return waitFor(gateOf?.(paths.indexOf(request.url)) ?? gate)(usual, request)
    })
    const pulls: ReturnType<typeof ask>[] = []
    for (const [position, path] of paths.entries()) {
      pulls.push(ask(server, path))
      await vi.waitFor(async () => {
        const { underWay, waiting } = await blobsOf(server)
        expect(underWay + waiting).toBe(position + 1)
      })
    }
    return { ...mirrored, gate, pulls, most: () => most }
  }

  test('bounds how many blobs are under way; the others wait in order', async () => {
    const { upstream, server, gate, pulls, most } = await startBusy()
    await upstream.received(/blobs/, 2)
    expect(await blobsOf(server)).toEqual({ underWay: 2, waiting: 4 })
    expect(upstream.count(/blobs/)).toBe(2)

    gate.open()
    for (const [position, reply] of (await Promise.all(pulls)).entries()) {
      expect(reply.body).toHaveLength(sizes[position] ?? 0)
    }

    expect(most()).toBe(2)
    await vi.waitFor(async () => {
      expect(await blobsOf(server)).toEqual({ underWay: 0, waiting: 0 })
    })
  })

  test('lets blobs wait in order', async () => {
    // A gate for each, so that places are given one after another.
    const gates = sizes.map(makeGate)
    const { upstream, pulls, paths } = await startBusy((position) => gates[position] ?? makeGate())
    await upstream.received(/blobs/, 2)
    for (const [position, gate] of gates.entries()) {
      gate.open()
      await upstream.received(/blobs/, Math.min(position + 3, sizes.length))
    }

    for (const { status } of await Promise.all(pulls)) expect(status).toBe(200)
    const asked = upstream.find(/^GET .*blobs/).map(({ url }) => url)
    expect(asked.slice(2)).toEqual(paths.slice(2))
  })

  test('lets manifests and lists pass blobs that wait', async () => {
    const { server, gate, pulls } = await startBusy()

    for (const path of [manifestPath, '/v2/team/app/tags/list']) {
      expect((await ask(server, path)).status).toBe(200)
    }

    gate.open()
    await Promise.all(pulls)
  })

  test('counts a blob once, however many pull it', async () => {
    const { upstream, server, gate, pulls, paths } = await startBusy()
    const more = Array.from({ length: 10 }, () => ask(server, paths[0] ?? ''))
    for (const _ of [1, 2, 3]) await ask(server, '/healthz')
    expect(await blobsOf(server)).toEqual({ underWay: 2, waiting: 4 })

    gate.open()

    for (const { status } of await Promise.all([...pulls, ...more])) expect(status).toBe(200)
    expect(upstream.count(/^GET .*blobs/)).toBe(sizes.length)
  })

  test('gives the place of a blob that fails to the next', async () => {
    const { upstream, server, gate, pulls } = await startBusy()
    upstream.repository('team/app').blobs.clear()
    gate.open()
    const before = await Promise.all(pulls)
    const bytes = makeBytes('after', 1_000)
    const digest = upstream.repository('team/app').addBlob(bytes)

    expect(before.some(({ status }) => status === 404)).toBe(true)
    expect((await ask(server, `/v2/team/app/blobs/${digest}`)).body.equals(bytes)).toBe(true)
  })

  test('keeps no server from stopping for blobs that nobody waits for', async () => {
    const mirrored = await startWithBlobs({ maxConnections: 1 }, [2 * megabyte, 2 * megabyte])
    const { upstream, server, paths } = mirrored
    upstream.script(/blobs/, swallow)
    const leaving = new AbortController()
    const pulls = paths.map((path) => ask(server, path, { signal: leaving.signal }).catch(() => {}))
    await vi.waitFor(async () => {
      expect(await blobsOf(server)).toEqual({ underWay: 1, waiting: 1 })
    })
    leaving.abort()
    await Promise.all(pulls)
    const startedAt = performance.now()

    await server.stop()

    expect(elapsedSince(startedAt)).toBeLessThan(2_000)
  })

  test('opens no more connections than that for blobs', async () => {
    const mirrored = await startThroughProxy({ maxConnections: 2 })
    const repository = mirrored.upstream.repository('team/app')
    const digests = sizes.map((size) => repository.addBlob(makeBytes('many', size)))

    const pulls = digests.map((digest) => ask(mirrored.server, `/v2/team/app/blobs/${digest}`))

    for (const { status } of await Promise.all(pulls)) expect(status).toBe(200)
    // One more asked what the registry wants to be asked with.
    expect(mirrored.proxy.connections).toBeLessThanOrEqual(3)
  })
})
