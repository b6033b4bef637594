import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { makeBytes, smallImage } from '../support/image-builder.ts'
import { makeCertificates } from '../support/lab/certificates.ts'
import { ask, openReply } from '../support/raw-client.ts'
import { fail, holdAfter, makeGate, waitFor } from '../support/scripted-behaviour.ts'
import { isResumed, openSession } from '../support/secure-client.ts'
import {
  makeFolder,
  pullUntilKept,
  startServerForTest,
  startUpstream,
} from '../support/start-mirrored.ts'
import { requestLines, type Settings, type StartedServer } from '../support/start-server.ts'

const threadCount = 3
/** Each on a connection of its own: with so many, hardly a thread is left out. */
const clients = Array.from({ length: 24 }, (_, index) => index)

const startThreaded = async (ofUpstream: Settings = {}, others: Settings = {}) => {
  const threads: Worker[] = []
  const collect = (worker: Worker) => void threads.push(worker)
  process.on('worker', collect)
  onTestFinished(() => void process.off('worker', collect))
  const upstream = await startUpstream()
  const settings = {
    upstreams: { 'docker.io': { url: upstream.url, ...ofUpstream } },
    threads: threadCount,
    ...others,
  }
  const server = await startServerForTest(await makeFolder(), settings, systemClock)
  await vi.waitFor(() => expect(countListening(server)).toBe(threadCount - 1), 10_000)
  return { upstream, server, settings, threads }
}

const countListening = ({ log }: StartedServer): number =>
  log.filter(({ msg }) => msg === 'a serving thread listens').length

const askAll = (server: { port: number }, path: string, method = 'GET') =>
  Promise.all(clients.map(() => ask(server, path, { method })))

test('a blob that many ask for at once is fetched once, whichever thread they meet', async () => {
  const { upstream, server } = await startThreaded()
  const bytes = makeBytes('shared', 3_000_000)
  const digest = upstream.repository('team/app').addBlob(bytes)
  const path = `/v2/team/app/blobs/${digest}`

  const replies = await askAll(server, path)

  for (const { status, body } of replies) {
    expect(status).toBe(200)
    expect(body.equals(bytes)).toBe(true)
  }
  expect(upstream.count(`GET ${path}`)).toBe(1)
  const kept = await pullUntilKept(server, path)
  expect(kept.body.equals(bytes)).toBe(true)
})

test('clients that fall far behind what arrives get all of it, from every thread', async () => {
  const { upstream, server } = await startThreaded()
  const bytes = makeBytes('long', 24_000_000)
  const path = `/v2/team/app/blobs/${upstream.repository('team/app').addBlob(bytes)}`
  const pulls = await Promise.all(clients.map(() => openReply(server, path)))
  // While they take nothing, all of it arrives.
  const kept = await pullUntilKept(server, path)

  for (const { body } of [kept, ...(await Promise.all(pulls.map((pull) => pull.finish())))]) {
    expect(body.equals(bytes)).toBe(true)
  }
  expect(upstream.count(`GET ${path}`)).toBe(1)
})

test('what is kept is served by every thread, whole, in part, and as HEAD', async () => {
  const { upstream, server } = await startThreaded()
  const image = await upstream.repository('team/app').addImage('1', {
    seed: 'a',
    layerSizes: [4096, 300_000],
  })
  const [small, large] = image.layers.map(({ digest }) => `/v2/team/app/blobs/${digest}`)
  const manifest = '/v2/team/app/manifests/1'
  const byDigest = `/v2/team/app/manifests/${image.descriptor.digest}`
  for (const path of [manifest, byDigest]) await ask(server, path)
  for (const path of [small, large]) await pullUntilKept(server, path ?? '')
  const before = upstream.requests.length

  for (const path of [manifest, byDigest, small ?? '', large ?? '']) {
    const expected = (await ask(server, path)).body
    for (const { status, headers, body } of await askAll(server, path)) {
      expect(status).toBe(200)
      expect(headers['x-entrepot-cache']).toBe('hit')
      expect(body.equals(expected)).toBe(true)
    }
    for (const { status, headers, body } of await askAll(server, path, 'HEAD')) {
      expect({ status, length: headers['content-length'], body: body.length }).toEqual({
        status: 200,
        length: String(expected.length),
        body: 0,
      })
    }
  }
  for (const _ of clients) {
    const reply = await ask(server, large ?? '', { headers: { range: 'bytes=100000-199999' } })
    expect({ status: reply.status, length: reply.body.length }).toEqual({
      status: 206,
      length: 1e5,
    })
  }
  expect(upstream.requests.length).toBe(before)
})

test('every request leaves one line in the one log, whichever thread answered it', async () => {
  const { server, threads } = await startThreaded()
  const paths = clients.map((index) => `/v2/team/app/manifests/none-${index}`)

  await Promise.all(paths.map((path) => ask(server, path)))

  const seen = () => requestLines(server).map(({ msg }) => msg)
  const expected = paths.map((path) => `GET ${path}`).sort()
  await vi.waitFor(() => expect(seen().sort()).toEqual(expected), 5_000)
  await server.stop()
  expect(seen()).toHaveLength(clients.length)
  expect(threads).toHaveLength(threadCount - 1)
})

test('what threads have logged when the server stops is in the log', async () => {
  const { server } = await startThreaded()
  await askAll(server, '/v2/team/app/manifests/none')

  await server.stop()

  expect(requestLines(server)).toHaveLength(clients.length)
})

test('a thread that fails by an error leaves the lines it had gathered', async () => {
  const { server, threads } = await startThreaded()
  await askAll(server, '/v2/team/app/manifests/none')

  // A message that no thread can read is an error that nobody catches there.
  for (const thread of threads) thread.postMessage(undefined)

  const failed = () => server.log.filter(({ msg }) => msg === 'a serving thread failed')
  await vi.waitFor(() => expect(failed()).toHaveLength(threadCount - 1), 5_000)
  expect(requestLines(server)).toHaveLength(clients.length)
})

test('a tag that moved is the new one in every thread, for one question', async () => {
  const { upstream, server } = await startThreaded({ tagTtl: '1s' })
  const repository = upstream.repository('team/app')
  await repository.addImage('1', smallImage('a'))
  await askAll(server, '/v2/team/app/manifests/1')
  await askAll(server, '/v2/team/app/manifests/1')
  const moved = await repository.addImage('1', smallImage('b'))
  await delay(1_100)
  const before = upstream.count('HEAD /v2/team/app/manifests/1')

  for (const { headers } of await askAll(server, '/v2/team/app/manifests/1')) {
    expect(headers['docker-content-digest']).toBe(moved.descriptor.digest)
  }
  expect(upstream.count('HEAD /v2/team/app/manifests/1')).toBe(before + 1)
})

test('a kept file that was damaged is fetched again, and every thread has the new one', async () => {
  const { upstream, server } = await startThreaded()
  const bytes = makeBytes('damaged', 300_000)
  const digest = upstream.repository('team/app').addBlob(bytes)
  const path = `/v2/team/app/blobs/${digest}`
  await pullUntilKept(server, path)
  await askAll(server, path)
  await truncate(join(server.data, 'blobs', 'sha256', digest.replace('sha256:', '')), 100)

  for (const { body, isComplete } of await askAll(server, path)) {
    expect(isComplete).toBe(true)
    expect(body.equals(bytes)).toBe(true)
  }
  expect(upstream.count(`GET ${path}`)).toBe(2)
})

test('a thread that dies is replaced; pulls go on, and what it had open is let go of', async () => {
  const { upstream, server, threads } = await startThreaded()
  const repository = upstream.repository('team/app')
  await repository.addImage('1', smallImage('a'))
  const bytes = makeBytes('under way', 2_000_000)
  const gate = makeGate()
  const path = `/v2/team/app/blobs/${repository.addBlob(bytes)}`
  upstream.script(`GET ${path}`, holdAfter(500_000, gate))
  const pulls = await Promise.all(clients.map(() => openReply(server, path)))
  await askAll(server, '/v2/team/app/manifests/1')

  await Promise.all(threads.slice(0, threadCount - 1).map((thread) => thread.terminate()))

  // Clients try again where a connection broke, as docker and containerd do.
  const askAgain = () =>
    vi.waitFor(async () => {
      const reply = await ask(server, '/v2/team/app/manifests/1')
      expect(reply.status).toBe(200)
    })
  await Promise.all(clients.map(askAgain))
  gate.open()
  const finished = await Promise.all(pulls.map((pull) => pull.finish()))
  const whole = finished.filter(({ isComplete }) => isComplete)
  for (const { body } of whole) expect(body.equals(bytes)).toBe(true)
  expect(whole.length).toBeLessThan(clients.length)
  expect((await pullUntilKept(server, path)).body.equals(bytes)).toBe(true)
  expect(upstream.count(`GET ${path}`)).toBe(1)
  await vi.waitFor(() => expect(threads.length).toBe(2 * (threadCount - 1)), 5_000)
  const said = server.log.filter(({ msg }) => /another takes its place/.test(String(msg)))
  expect(said).toHaveLength(threadCount - 1)
})

test('errors are the same from every thread', async () => {
  const { upstream, server } = await startThreaded()
  upstream.script('GET /v2/team/app/manifests/denied', fail(403))
  const paths = {
    '/v2/team/app/manifests/none': 404,
    '/v2/team/app/manifests/denied': 403,
    '/v2/team/app/manifests/..bad..': 400,
    '/v2/unknown.example/team/app/manifests/1': 404,
    '/nothing': 404,
  }
  for (const [path, status] of Object.entries(paths)) {
    const replies = await askAll(server, path)
    expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([status]))
    expect(new Set(replies.map(({ body }) => body.toString())).size).toBe(1)
  }
})

test('a changed configuration counts in every thread', async () => {
  const { upstream, server, settings } = await startThreaded()
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  await askAll(server, '/v2/team/app/manifests/1')
  const denying = { url: upstream.url, deny: ['team/**'] }

  await server.configure({ ...settings, upstreams: { 'docker.io': denying } })

  await vi.waitFor(async () => {
    const replies = await askAll(server, '/v2/team/app/manifests/1')
    expect(replies.every(({ status }) => status === 403)).toBe(true)
  })
})

test('offline is switched for every thread, through whichever', async () => {
  const { upstream, server } = await startThreaded()
  await upstream.repository('team/app').addImage('1', smallImage('a'))
  expect((await server.post('/api/v1/offline', { offline: true })).status).toBe(200)

  for (const { status } of await askAll(server, '/v2/team/app/manifests/1'))
    expect(status).toBe(404)
  expect(upstream.requests).toHaveLength(0)
})

test('pulls that are under way when the server stops come to their end in every thread', async () => {
  const { upstream, server } = await startThreaded()
  const bytes = makeBytes('stopping', 2_000_000)
  const gate = makeGate()
  const path = `/v2/team/app/blobs/${upstream.repository('team/app').addBlob(bytes)}`
  upstream.script(`GET ${path}`, holdAfter(500_000, gate))
  const pulls = await Promise.all(clients.map(() => openReply(server, path)))

  const stopped = server.stop()
  await delay(300)
  gate.open()

  for (const { body } of await Promise.all(pulls.map((pull) => pull.finish()))) {
    expect(body.equals(bytes)).toBe(true)
  }
  await stopped
})

test('a second server on the same port is refused, and takes none of its connections', async () => {
  const { server, settings } = await startThreaded()
  const listen = `127.0.0.1:${server.port}`

  const second = startServerForTest(await makeFolder(), { ...settings, listen }, systemClock)

  await expect(second).rejects.toThrow(/EADDRINUSE/)
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)(
  'a session of %s is resumed by every thread, also by one that takes the place of another',
  async (version) => {
    const { certFile: cert, keyFile: key, ca } = await makeCertificates(await makeFolder())
    const { server, threads } = await startThreaded({}, { tls: { cert, key } })
    const options = { ca, minVersion: version, maxVersion: version } as const
    const session = await openSession(server, options)
    const resumeAll = () => Promise.all(clients.map(() => isResumed(server, session, options)))

    expect(await resumeAll()).toEqual(clients.map(() => true))
    await Promise.all(threads.map((thread) => thread.terminate()))
    await vi.waitFor(() => expect(countListening(server)).toBe(2 * (threadCount - 1)), 5_000)
    expect(await resumeAll()).toEqual(clients.map(() => true))
  },
)

test('a thread that takes the place of another goes by what is in force, not by what waits for a restart', async () => {
  const { upstream, server, settings, threads } = await startThreaded()
  const bytes = makeBytes('kept', 300_000)
  const path = `/v2/team/app/blobs/${upstream.repository('team/app').addBlob(bytes)}`
  await pullUntilKept(server, path)
  await server.configure({ ...settings, data: await makeFolder() })

  await threads[0]?.terminate()
  await vi.waitFor(() => expect(countListening(server)).toBe(threadCount), 5_000)

  for (const { status, body } of await askAll(server, path)) {
    expect(status).toBe(200)
    expect(body.equals(bytes)).toBe(true)
  }
})

test('two ports that would take connections from each other are refused', async () => {
  const { server } = await startThreaded()
  const { port } = server
  await server.stop()
  const overlapping = { listen: `0.0.0.0:${port}`, dockerListen: `127.0.0.1:${port}` }

  const started = startServerForTest(await makeFolder(), { threads: 2, ...overlapping })

  await expect(started).rejects.toThrow(/EADDRINUSE/)
})

test.each([1, threadCount])(
  'what is denied while it is being answered is not answered again, with %i threads',
  async (threadsWanted) => {
    const upstream = await startUpstream()
    const image = await upstream.repository('team/secret').addImage('1', smallImage('a'))
    await upstream.repository('team/other').addImage('1', smallImage('a'))
    const docker = { url: upstream.url }
    const others = { threads: threadsWanted, log: { level: 'silent' } }
    const settings = { upstreams: { 'docker.io': docker }, ...others }
    const server = await startServerForTest(await makeFolder(), settings, systemClock)
    await vi.waitFor(() => expect(countListening(server)).toBe(threadsWanted - 1), 10_000)
    await ask(server, '/v2/team/secret/manifests/1')
    const path = `/v2/team/other/manifests/${image.descriptor.digest}`
    const gate = makeGate()
    upstream.script(`HEAD ${path}`, waitFor(gate))
    const slow = askAll(server, path)
    await upstream.received(`HEAD ${path}`)

    const denying = { ...docker, deny: ['team/other'] }
    await server.configure({ ...settings, upstreams: { 'docker.io': denying } })
    gate.open()
    await slow

    await vi.waitFor(async () => {
      const replies = await askAll(server, path)
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([403]))
    })
  },
)
