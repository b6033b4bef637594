import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { makeBytes, smallImage } from '../support/image-builder.ts'
import { ask, openReply } from '../support/raw-client.ts'
import { metricsOnce, readMetrics, sumOf } from '../support/read-metrics.ts'
import { fail, holdAfter, limitedFor, makeGate } from '../support/scripted-behaviour.ts'
import {
  makeFolder,
  startMirrored,
  startServerForTest,
  startUpstream,
} from '../support/start-mirrored.ts'

const threadCount = 3
/** Each on a connection of its own: with so many, hardly a thread is left out. */
const clients = Array.from({ length: 24 }, (_, index) => index)
const docker = 'upstream="docker.io"'
const manifest = '/v2/team/app/manifests/1'

const startThreaded = async () => {
  const upstream = await startUpstream()
  const upstreams = { 'docker.io': { url: upstream.url }, '*': {} }
  const settings = { upstreams, threads: threadCount }
  const server = await startServerForTest(await makeFolder(), settings, systemClock)
  const listening = () => server.log.filter(({ msg }) => msg === 'a serving thread listens')
  await vi.waitFor(() => expect(listening()).toHaveLength(threadCount - 1), 10_000)
  return { upstream, server }
}

/** Until the test ends a folder is a file, in which nothing can be. */
const putAway = async (folder: string) => {
  await rename(folder, `${folder}-away`)
  await writeFile(folder, '')
  onTestFinished(async () => {
    await rm(folder)
    await rename(`${folder}-away`, folder)
  })
}

test('what all threads answer is summed, and each thread tells the same', async () => {
  const { upstream, server } = await startThreaded()
  const image = await upstream.repository('team/app').addImage('1', smallImage('a'))
  await ask(server, manifest)
  const others = ['nowhere.invalid', 'elsewhere.invalid'].map((host) => `/v2/${host}/a/manifests/1`)
  const paths = clients.flatMap(() => [manifest, '/v2/team/app/manifests/none'])
  await Promise.all([...paths, ...others].map((path) => ask(server, path)))

  await metricsOnce(server, (metrics) => {
    expect(sumOf(metrics, 'requests_total', docker)).toBe(1 + 2 * clients.length)
    expect(sumOf(metrics, 'request_duration_seconds_count', docker)).toBe(1 + 2 * clients.length)
    expect(sumOf(metrics, 'requests_total', 'upstream="other"')).toBe(2)
    expect(sumOf(metrics, 'pulls_total', docker)).toBe(1 + clients.length)
    expect(sumOf(metrics, 'pulls_total', 'outcome="hit"')).toBe(clients.length)
    expect(sumOf(metrics, 'requests_total', 'outcome="not-found"')).toBe(clients.length)
    const bytes = (1 + clients.length) * image.bytes.length
    expect(sumOf(metrics, 'served_bytes_total', 'outcome="hit"')).toBeLessThan(bytes)
    expect(sumOf(metrics, 'served_bytes_total')).toBeGreaterThanOrEqual(bytes)
    const names = ['main', '1', '2'].map((name) => `heap_used_bytes{thread="${name}"}`)
    for (const name of names) expect(metrics.get(name)).toBeGreaterThan(1e6)
  })
  const texts = await Promise.all(
    clients.map(async () => (await ask(server, '/metrics')).body.toString()),
  )
  // Whoever asks at once is told what one look has found.
  expect(new Set(texts).size).toBe(1)
  // Anybody could make more of such.
  expect(texts[0]).not.toContain('.invalid')
})

test('what is on its way is told, and is gone when it has come', async () => {
  const { upstream, server } = await startMirrored()
  const bytes = makeBytes('under way', 4_000_000)
  const path = `/v2/team/app/blobs/${upstream.repository('team/app').addBlob(bytes)}`
  const gate = makeGate()
  upstream.script(`GET ${path}`, holdAfter(2_000_000, gate))
  const pulls = await Promise.all([openReply(server, path), openReply(server, path)])

  await metricsOnce(server, (metrics) => {
    expect(metrics.get('blob_fetches_in_progress')).toBe(1)
    expect(metrics.get('blob_fetch_followers')).toBe(2)
    expect(metrics.get('blob_fetch_partial_bytes')).toBe(2_000_000)
    expect(metrics.get(`upstream_blobs_in_progress{${docker}}`)).toBe(1)
    expect(metrics.get('connections{thread="main"}')).toBeGreaterThanOrEqual(2)
  })
  gate.open()
  await Promise.all(pulls.map((pull) => pull.finish()))
  await metricsOnce(server, (metrics) => {
    expect(metrics.get('blob_fetches_in_progress')).toBe(0)
    expect(metrics.get(`kept_bytes{${docker}}`)).toBe(bytes.length)
  })
})

test('an upstream is up, limited or down, and what it sends wrong is counted', async () => {
  const { upstream, server, clock } = await startMirrored()
  const repository = upstream.repository('team/app')
  const image = await repository.addImage('1', smallImage('a'))
  const wrong = repository.addBlob(makeBytes('wrong', 1_000))
  const digest = image.descriptor.digest
  upstream.script(`GET /v2/team/app/blobs/${wrong}`, (usual) => ({
    ...usual,
    body: makeBytes('another', 1_000),
  }))
  upstream.script(`GET /v2/team/app/manifests/${digest}`, (usual) => ({
    ...usual,
    body: Buffer.from(image.bytes.toString().replace('"schemaVersion":2', '"schemaVersion": 2')),
  }))
  const states = (state: string) => (metrics: ReadonlyMap<string, number>) => {
    const url = `${docker},url="${upstream.url}"`
    for (const each of ['up', 'down', 'limited'])
      expect(metrics.get(`upstream_url_state{${url},state="${each}"}`)).toBe(Number(each === state))
  }
  await metricsOnce(server, (metrics) => {
    states('up')(metrics)
    expect(metrics.get(`upstream_wrong_content_total{${docker}}`)).toBe(0)
  })
  await ask(server, `/v2/team/app/blobs/${wrong}`)
  await ask(server, `/v2/team/app/manifests/${digest}`)
  await metricsOnce(server, (metrics) =>
    expect(metrics.get(`upstream_wrong_content_total{${docker}}`)).toBe(2),
  )
  upstream.script(/./, limitedFor(60))
  await ask(server, manifest)
  await metricsOnce(server, states('limited'))
  clock.advance(61_000)
  upstream.script(/./, fail(500))
  for (const tag of ['a', 'b', 'c']) await ask(server, `/v2/team/app/manifests/${tag}`)
  await metricsOnce(server, states('down'))
})

test('offline, logins that are refused, and a disk that is gone are told', async () => {
  const { server } = await startMirrored()
  await server.post('/api/v1/offline', { offline: true })
  const headers = { authorization: 'Bearer entrepot_wrong' }
  expect((await ask(server, '/metrics', { headers })).status).toBe(401)
  await metricsOnce(server, (metrics) => {
    expect(metrics.get('offline')).toBe(1)
    expect(metrics.get('logins_refused_total')).toBe(1)
    expect(metrics.get('scrape_part_success{part="space"}')).toBe(1)
    expect(metrics.get('disk_size_bytes')).toBeGreaterThan(0)
  })
  await putAway(dirname(server.data))
  await metricsOnce(server, (metrics) => {
    expect(metrics.get('scrape_part_success{part="space"}')).toBe(0)
    expect(metrics.get('scrape_part_success{part="upstreams"}')).toBe(1)
    expect(metrics.has('disk_size_bytes')).toBe(false)
  })
  await readMetrics(server)
  const said = server.log.filter(({ msg }) => /metrics of space/.test(String(msg)))
  expect(said).toHaveLength(1)
})

test('is nowhere but on the main port', async () => {
  const { server } = await startMirrored()
  expect((await ask(server, '/metrics')).headers['content-type']).toMatch(
    /^text\/plain; version=0.0.4/,
  )
  expect((await ask(server, '/metrics', { method: 'HEAD' })).status).toBe(200)
  for (const path of ['/docker.io/metrics', '/v2/metrics', '/metrics/', '/metrics/more'])
    expect([404, 400]).toContain((await ask(server, path)).status)
  expect((await ask(server, '/metrics', { method: 'POST' })).status).toBe(404)
})
