import { readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { makeBytes, smallImage } from '../support/image-builder.ts'
import { ask, openReply } from '../support/raw-client.ts'
import { requireBearer } from '../support/scripted-auth.ts'
import { fail, holdAfter, limitedFor, makeGate, waitFor } from '../support/scripted-behaviour.ts'
import { pullUntilKept, startMirrored } from '../support/start-mirrored.ts'
import type { StartedServer } from '../support/start-server.ts'

const path = '/v2/team/app/manifests/1'
const tagsPath = '/v2/team/app/tags/list'
const hourMs = 3_600_000

const startWithKeptImage = async (settings: Record<string, unknown> = {}) => {
  const mirrored = await startMirrored(settings)
  const repository = mirrored.upstream.repository('team/app')
  const image = await repository.addImage('1', smallImage('a'))
  const blobPath = `/v2/team/app/blobs/${image.layers[0]?.digest}`
  for (const what of [path, tagsPath]) await ask(mirrored.server, what)
  await pullUntilKept(mirrored.server, blobPath)
  return { ...mirrored, repository, image, blobPath }
}

const cacheOf = async (server: StartedServer, what = path) =>
  (await ask(server, what)).headers['x-entrepot-cache']

test.each([
  { jump: 'five hours forward', ms: 5 * hourMs },
  { jump: 'five hours back', ms: -5 * hourMs },
  { jump: 'a year forward', ms: 365 * 24 * hourMs },
  { jump: 'to the last century', ms: -30 * 365 * 24 * hourMs },
])('a clock that jumps $jump has tags and lists asked for once more', async ({ ms }) => {
  const { upstream, server, clock, image, blobPath } = await startWithKeptImage()
  clock.jump(ms)

  for (const _ of [1, 2, 3]) {
    const reply = await ask(server, path)
    expect(reply.body).toEqual(image.bytes)
    expect(reply.headers['x-entrepot-cache']).toBe('hit')
    expect((await ask(server, tagsPath)).status).toBe(200)
    expect(await cacheOf(server, blobPath)).toBe('hit')
  }

  expect(upstream.count(`HEAD ${path}`)).toBe(1)
  expect(upstream.count(/tags/)).toBe(2)
  expect(upstream.count(/^GET .*(manifests|blobs)/)).toBe(2)
})

describe.each([
  { jump: 'forward', ms: 5 * hourMs },
  { jump: 'back', ms: -5 * hourMs },
])('a clock that jumps hours $jump', ({ ms }) => {
  test('there and back has no tag asked for more than each time', async () => {
    const { upstream, server, clock } = await startWithKeptImage()
    for (const by of [ms, -ms, ms, -ms]) {
      clock.jump(by)
      for (const _ of [1, 2]) expect(await cacheOf(server)).toBe('hit')
    }
    expect(upstream.count(`HEAD ${path}`)).toBeLessThanOrEqual(4)
  })

  test('loses nothing at a restart, also while upstream is down', async () => {
    const { upstream, clock, restart, image, blobPath } = await startWithKeptImage()
    clock.jump(ms)
    await upstream.stop()

    const restarted = await restart()

    const reply = await ask(restarted, path)
    expect(reply.body).toEqual(image.bytes)
    expect(reply.headers['x-entrepot-cache']).toBe('stale')
    expect(await cacheOf(restarted, blobPath)).toBe('hit')
  })

  test('in the middle of a pull changes nothing about it', async () => {
    const { upstream, server, clock, repository } = await startWithKeptImage({ bandwidth: '9MB/s' })
    const bytes = makeBytes('jumped over', 3_000_000)
    const blobPath = `/v2/team/app/blobs/${repository.addBlob(bytes)}`
    const image = await repository.addImage('2', smallImage('b'))
    const gate = makeGate()
    upstream.script(`GET ${blobPath}`, holdAfter(1_000_000, gate))
    upstream.script(/manifests\/2/, waitFor(gate))
    const blob = await openReply(server, blobPath)
    const manifest = ask(server, '/v2/team/app/manifests/2')
    await blob.read(500_000)
    await upstream.received(/manifests\/2/)

    clock.jump(ms)
    gate.open()

    expect((await blob.finish()).body.equals(bytes)).toBe(true)
    expect((await manifest).body).toEqual(image.bytes)
    expect((await pullUntilKept(server, blobPath)).body.equals(bytes)).toBe(true)
  })

  test('ends no token, and makes none live longer', async () => {
    const { upstream, server, clock } = await startMirrored({ missTtl: 0 })
    const { tokens } = requireBearer(upstream, { expiresInSeconds: 300 })
    await upstream.repository('team/app').addImage('1', smallImage('a'))
    await ask(server, path)
    clock.jump(ms)
    await ask(server, path)
    await ask(server, '/v2/team/app/manifests/none')
    expect(tokens).toHaveLength(1)

    clock.advance(300_000)
    await ask(server, '/v2/team/app/manifests/none')
    expect(tokens).toHaveLength(2)
  })

  test('ends no limit, and makes none last longer', async () => {
    const { upstream, server, clock } = await startWithKeptImage()
    const mend = upstream.script(/none/, limitedFor(60))
    await ask(server, '/v2/team/app/manifests/none')
    mend()

    clock.jump(ms)
    const reply = await ask(server, '/v2/team/app/manifests/none')
    expect(reply.status).toBe(429)
    expect(reply.headers['retry-after']).toMatch(/^(60|59|58)$/)
    expect(await cacheOf(server)).toBe('stale')

    clock.advance(60_000)
    expect((await ask(server, '/v2/team/app/manifests/none')).status).toBe(404)
    expect(await cacheOf(server)).toBe('hit')
  })

  test('does not keep an upstream away that is back', async () => {
    const { upstream, server, clock } = await startWithKeptImage()
    clock.jump(ms)
    const mend = upstream.script(/./, fail(500))
    expect(await cacheOf(server)).toBe('stale')
    clock.jump(ms)
    mend()

    await vi.waitFor(async () => expect(await cacheOf(server)).toBe('hit'), 10_000)
  })
})

describe('what a fetch left half done', () => {
  test.each([
    { name: 'as new as it is', hours: 0 },
    { name: 'from some hours ago', hours: -23 },
    { name: 'from a time that is yet to come', hours: 23 },
  ])('is gone on with after a restart, though it looks $name', async ({ hours }) => {
    const { upstream, server, restart } = await startMirrored()
    const bytes = makeBytes('half done', 1_000_000)
    const blobPath = `/v2/team/app/blobs/${upstream.repository('team/app').addBlob(bytes)}`
    const letGo = upstream.script(`GET ${blobPath}`, holdAfter(700_000, makeGate()))
    const begun = await openReply(server, blobPath)
    await begun.read(500_000)
    begun.leave()
    await server.stop()
    letGo()
    const folder = join(server.data, 'partial')
    const looksFrom = new Date(Date.now() + hours * hourMs)
    for (const name of await readdir(folder)) await utimes(join(folder, name), looksFrom, looksFrom)

    const reply = await ask(await restart(), blobPath)

    expect(reply.body.equals(bytes)).toBe(true)
    expect(upstream.rangesOf(`GET ${blobPath}`)[1]).toMatch(/^bytes=[5-7]\d{5}-$/)
  })
})
