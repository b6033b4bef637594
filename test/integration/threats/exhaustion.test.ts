// What one client, or one upstream, can take of the server. Bodies without end are in
// bodies-of-pulls.test.ts and refused-bodies.test.ts, giant manifests (distribution's CVE-2017-11468) in
// bad-pushes.test.ts and corrupt-upstream-manifest.test.ts, full disks in full-disk-pushes.test.ts, all
// else that may come in test/fuzz.

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SlowClients } from '../../../bench/slow-clients/slow-clients.ts'
import { expectRegistryError } from '../../support/expect-registry-error.ts'
import { digestOf, makeBytes, smallImage } from '../../support/image-builder.ts'
import { pushImage, putManifest } from '../../support/push-image.ts'
import { beginUpload, endUpload } from '../../support/push-over-http.ts'
import { ask } from '../../support/raw-client.ts'
import { answerJson } from '../../support/scripted-answer.ts'
import { makeFolder, startMirrored, startServerForTest } from '../../support/start-mirrored.ts'

const openForAll = { offline: true, access: { anonymous: 'push' } }
/** Of the uploads there may be, half; fewer where the system allows few open files. */
const mostOfOneClient = 1024

test('uploads that one client begins end at a limit, whichever thread it meets', async () => {
  const server = await startServerForTest(await makeFolder(), { threads: 2, ...openForAll })
  const path = '/v2/team/app/blobs/uploads/'
  const begun: string[] = []
  let reply = await ask(server, path, { method: 'POST' })
  while (reply.status === 202 && begun.length <= mostOfOneClient) {
    begun.push(String(reply.headers.location))
    reply = await ask(server, path, { method: 'POST' })
  }

  expectRegistryError(reply, 429, 'TOOMANYREQUESTS')
  expect(reply.headers['retry-after']).toBe('10')
  expect(await readdir(join(server.data, 'uploads'))).toHaveLength(begun.length)
  // Those that were begun go on, and room is made by ending one.
  const body = makeBytes('limited', 1000)
  const [first = '', second = ''] = begun
  expect((await endUpload(server, first, { digest: digestOf(body), body })).status).toBe(201)
  expect((await ask(server, second, { method: 'DELETE' })).status).toBe(204)
  await beginUpload(server, 'team/app')
  await beginUpload(server, 'team/other')
  expect((await ask(server, path, { method: 'POST' })).status).toBe(429)
})

test('a pull beside hundreds of slow connections is as quick as without', async () => {
  const server = await startServerForTest(await makeFolder(), openForAll)
  const recipe = smallImage('beside')
  const { layers } = await pushImage(server, 'team/app', { tag: '1', recipe })
  const pull = async () => {
    const startedAt = performance.now()
    expect((await ask(server, '/v2/team/app/manifests/1')).status).toBe(200)
    for (const { digest } of layers)
      expect((await ask(server, `/v2/team/app/blobs/${digest}`)).status).toBe(200)
    return performance.now() - startedAt
  }
  const fastest = async () => Math.min(...(await Array.fromAsync({ length: 20 }, pull)))
  const alone = await fastest()
  const options = { host: '127.0.0.1', port: server.port, connections: 400, dropEveryMs: 500 }
  using slow = new SlowClients(options)
  onTestFinished(() => slow[Symbol.dispose]())
  await slow.start()

  // Of some milliseconds the clients' own share, in this process, is too much.
  expect(await fastest()).toBeLessThan(2 * alone + 20)
  expect(slow.open).toBeGreaterThan(200)
})

describe('lists', () => {
  const huge = ['4294967295', '9007199254740993', '99999999999999999999', `1${'0'.repeat(300)}`]

  test.each(huge)('of n=%s take no more than what there is (CVE-2023-2253)', async (n) => {
    const { upstream, server } = await startMirrored({}, { access: { anonymous: 'push' } })
    await upstream.repository('team/app').addImage('1', smallImage('a'))
    await pushImage(server, 'team/own', { tag: '1', recipe: smallImage('b') })
    const before = process.memoryUsage.rss()
    for (const path of ['/v2/_catalog', '/v2/team/app/tags/list', '/v2/team/own/tags/list']) {
      const reply = await ask(server, `${path}?n=${n}`)
      expect([200, 400], path).toContain(reply.status)
      expect(reply.body.length).toBeLessThan(1_000)
    }
    expect((await ask(server, `/api/v1/repositories?limit=${n}`)).status).toBe(400)
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 2 ** 20)
  })

  test.each(['tags', 'manifests'])(
    'of %s that an upstream continues for ever end',
    async (field) => {
      const { upstream, server } = await startMirrored()
      let pages = 0
      upstream.script(/(tags|referrers)/, () => {
        const answer = answerJson({ name: 'x', [field]: [`entry-${pages}`] })
        const link = `</v2/team/app/tags/list?last=${pages++}>; rel="next"`
        return { ...answer, headers: { ...answer.headers, link } }
      })
      const what = field === 'tags' ? 'tags/list' : `referrers/sha256:${'0'.repeat(64)}`

      const reply = await ask(server, `/v2/team/app/${what}`)

      expectRegistryError(reply, 502, 'UNAVAILABLE')
      expect(pages).toBeLessThanOrEqual(1_001)
    },
  )

  test('of 5,000 referrers (cosign’s CVE-2023-46737) are served, and others beside them', async () => {
    const { upstream, server } = await startMirrored()
    const { descriptor } = await upstream.repository('team/app').addImage('1', smallImage('a'))
    const referrers = Array.from({ length: 5_000 }, (_, at) => ({
      ...descriptor,
      digest: digestOf(Buffer.from(`${at}`)),
      annotations: { note: 'x'.repeat(200) },
    }))
    upstream.repository('team/app').referrers.set(descriptor.digest, referrers)

    const listing = ask(server, `/v2/team/app/referrers/${descriptor.digest}`)
    expect((await ask(server, '/healthz')).status).toBe(200)

    expect(JSON.parse((await listing).body.toString()).manifests).toHaveLength(5_000)
  })
})

describe('an index', () => {
  const indexType = 'application/vnd.oci.image.index.v1+json'
  const indexOf = (manifests: readonly object[]) => {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }))
    return {
      bytes,
      descriptor: { mediaType: indexType, digest: digestOf(bytes), size: bytes.length },
    }
  }

  test('of indexes, a hundred deep, is taken, inspected, explained and removed', async () => {
    const server = await startServerForTest(await makeFolder(), openForAll)
    let inner = await pushImage(server, 'team/app', { tag: 'leaf', recipe: smallImage('a') })
    for (let depth = 0; depth < 100; depth++) {
      const outer = indexOf([inner.descriptor])
      const { bytes, descriptor } = outer
      const pushed = { reference: depth === 99 ? 'deep' : descriptor.digest, bytes }
      const reply = await putManifest(server, 'team/app', { ...pushed, mediaType: indexType })
      expect(reply.status).toBe(201)
      inner = { ...inner, ...outer }
    }
    const startedAt = performance.now()
    for (const path of ['image?name=team/app:deep', 'why?name=team/app:deep', 'repositories'])
      expect((await ask(server, `/api/v1/${path}`)).status, path).toBe(200)
    const removed = await server.post('/api/v1/remove', { image: 'team/app:deep' })
    expect(removed.status).toBe(200)
    expect(performance.now() - startedAt).toBeLessThan(3_000)
  })

  test('that lists itself and one that lists it, as an upstream may say, ends every walk', async () => {
    const { upstream, server } = await startMirrored()
    const repository = upstream.repository('team/app')
    const own = `sha256:${'1'.repeat(64)}`
    const image = await repository.addImage('leaf', smallImage('a'))
    // By its digest it can't list itself: what is claimed of a digest that isn't kept must do.
    const first = indexOf([{ mediaType: indexType, digest: own, size: 1 }, image.descriptor])
    const second = indexOf([
      first.descriptor,
      first.descriptor,
      { ...first.descriptor, digest: own },
    ])
    for (const { bytes } of [first, second]) repository.addManifest({ bytes, mediaType: indexType })
    repository.addManifest({ bytes: second.bytes, mediaType: indexType }, 'round')
    const { digest } = first.descriptor

    for (const path of ['manifests/round', `manifests/${digest}`, 'manifests/leaf'])
      expect((await ask(server, `/v2/team/app/${path}`)).status).toBe(200)
    for (const path of ['image', 'why'])
      expect((await ask(server, `/api/v1/${path}?name=docker.io/team/app:round`)).status).toBe(200)
    expect((await server.post('/api/v1/evict', { to: 0 })).status).toBe(200)
  })
})

test('a pattern for tags that would take years over one tag takes no time', async () => {
  const server = await startServerForTest(await makeFolder(), openForAll)
  const tag = `${'a'.repeat(120)}-`
  await pushImage(server, 'team/app', { tag, recipe: smallImage('a') })
  const rules = [{ repositories: ['**'], tags: '^(a+)+$', keepLast: 1 }]
  const startedAt = performance.now()

  const reply = await server.post('/api/v1/prune', { rules })

  expect(reply.status).toBe(200)
  expect(performance.now() - startedAt).toBeLessThan(3_000)
  expect((await ask(server, `/v2/team/app/manifests/${tag}`)).status).toBe(200)
})
