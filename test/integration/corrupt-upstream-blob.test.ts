import { describe, expect, test, vi } from 'vitest'
import { digestOf, makeBytes } from '../support/image-builder.ts'
import { ask, errorOf, type Reply } from '../support/raw-client.ts'
import {
  compress,
  dropHeader,
  makeGate,
  sendInstead,
  sendPage,
  setHeaders,
  waitFor,
} from '../support/scripted-behaviour.ts'
import type { Behaviour } from '../support/scripted-upstream.ts'
import { type Mirrored, pullUntilKept, startMirrored } from '../support/start-mirrored.ts'

const mebibyte = 1024 * 1024
const small = makeBytes('small', 10_000)
const large = makeBytes('large', 2 * mebibyte)
const imageManifest = 'application/vnd.oci.image.manifest.v1+json'

const startWithBlob = async (bytes: Buffer) => {
  const mirrored = await startMirrored()
  const digest = mirrored.upstream.repository('team/app').addBlob(bytes)
  return { ...mirrored, digest, path: `/v2/team/app/blobs/${digest}` }
}

/** Keeps a manifest that says of the blob how big it is. */
const pullManifestOf = async ({ upstream, server }: Mirrored, digest: string, size: number) => {
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size }
  const manifest = { schemaVersion: 2, mediaType: imageManifest, config: layer, layers: [layer] }
  const bytes = Buffer.from(JSON.stringify(manifest))
  upstream.repository('team/app').addManifest({ bytes, mediaType: imageManifest }, '1')
  await ask(server, '/v2/team/app/manifests/1')
}

const flipLastByte = (bytes: Buffer): Buffer => {
  const flipped = Buffer.from(bytes)
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
  return flipped
}

const expectNothingKept = async (server: Mirrored['server'], digest: string) => {
  await vi.waitFor(async () => expect(await server.listPartials()).toEqual([]), 5_000)
  expect(await server.listBlobs()).not.toContain(digest.slice('sha256:'.length))
}

/** What came may be the beginning of what is right, and stays to be gone on with. */
const expectNotKept = async (server: Mirrored['server'], digest: string) =>
  expect(await server.listBlobs()).not.toContain(digest.slice('sha256:'.length))

const expectHonestFailure = (reply: Reply) => {
  expect(reply.status).toBe(502)
  expect(reply.isComplete).toBe(true)
  expect(errorOf(reply).message).toContain('docker.io')
}

describe('a small blob', () => {
  test.each<{ name: string; behaviour: Behaviour }>([
    { name: 'with one wrong byte', behaviour: sendInstead(flipLastByte(small)) },
    { name: 'that is too short', behaviour: sendInstead(small.subarray(1)) },
    { name: 'that is too long', behaviour: sendInstead(Buffer.concat([small, small])) },
    { name: 'that is empty', behaviour: sendInstead(Buffer.alloc(0)) },
    { name: 'that is a page for people', behaviour: sendPage },
    { name: 'that comes compressed', behaviour: compress },
    {
      name: 'that is a part nobody asked for',
      behaviour: (usual) => ({
        ...usual,
        status: 206,
        headers: { ...usual.headers, 'content-range': 'bytes 0-9999/20000' },
      }),
    },
  ])('$name fails with an honest status and leaves nothing', async ({ behaviour }) => {
    const { upstream, server, digest, path } = await startWithBlob(small)
    const mend = upstream.script(`GET ${path}`, behaviour)

    expectHonestFailure(await ask(server, path))
    await expectNothingKept(server, digest)

    mend()
    const mended = await pullUntilKept(server, path)
    expect(mended.body.equals(small)).toBe(true)
  })

  test('of another size than its manifest says is served: its digest is what counts', async () => {
    const mirrored = await startWithBlob(small)
    const { server, digest, path } = mirrored
    await pullManifestOf(mirrored, digest, small.length + 1)

    expect((await ask(server, path)).body.equals(small)).toBe(true)
  })

  test('fails for all who wait for it, from one GET', async () => {
    const { upstream, server, path } = await startWithBlob(small)
    const gate = makeGate()
    upstream.script(`GET ${path}`, sendInstead(flipLastByte(small)))
    upstream.script(`GET ${path}`, waitFor(gate))

    const pulls = Array.from({ length: 10 }, () => ask(server, path))
    await upstream.received(`GET ${path}`)
    for (const _ of [1, 2, 3]) await ask(server, '/healthz')
    gate.open()

    for (const reply of await Promise.all(pulls)) expectHonestFailure(reply)
    expect(upstream.count(`GET ${path}`)).toBe(1)
  })
})

describe('a large blob', () => {
  test.each<{ name: string; behaviour: Behaviour }>([
    { name: 'with one wrong byte', behaviour: sendInstead(flipLastByte(large)) },
    {
      name: 'that announces more than it sends',
      behaviour: (usual) => ({
        ...usual,
        headers: { ...usual.headers, 'content-length': String(large.length + 100) },
        cutAfterBytes: large.length,
      }),
    },
    {
      name: 'that announces less than it sends',
      behaviour: setHeaders({ 'content-length': String(large.length - 100) }),
    },
  ])('$name is never complete and not kept', async ({ behaviour }) => {
    const { upstream, server, digest, path } = await startWithBlob(large)
    const mend = upstream.script(`GET ${path}`, behaviour)

    const replies = await Promise.all([1, 2, 3].map(() => ask(server, path)))
    for (const { isComplete, body, status } of replies) {
      expect(isComplete && status === 200).toBe(false)
      expect(body.length).toBeLessThan(large.length)
    }
    await expectNotKept(server, digest)

    mend()
    const mended = await pullUntilKept(server, path)
    expect(mended.body.equals(large)).toBe(true)
  })

  test('whose wrong bytes are asked for in ranges has no complete last range', async () => {
    const { upstream, server, digest, path } = await startWithBlob(large)
    upstream.script(`GET ${path}`, sendInstead(flipLastByte(large)))

    const replies = await Promise.all(
      ['bytes=-10', `bytes=${mebibyte}-`].map((range) => ask(server, path, { headers: { range } })),
    )

    for (const reply of replies) expect(reply.isComplete && reply.status === 206).toBe(false)
    await expectNothingKept(server, digest)
  })

  test('without a length, longer than its manifest says, is never complete', async () => {
    const mirrored = await startWithBlob(large)
    const { upstream, server, digest, path } = mirrored
    await pullManifestOf(mirrored, digest, large.length)
    upstream.script(`GET ${path}`, sendInstead(Buffer.concat([large, large])))
    upstream.script(`GET ${path}`, dropHeader('content-length'))

    expect((await ask(server, path)).isComplete).toBe(false)
    await expectNothingKept(server, digest)
  })

  test('without a length, shorter than its manifest says, is never complete', async () => {
    const mirrored = await startWithBlob(large)
    const { upstream, server, digest, path } = mirrored
    await pullManifestOf(mirrored, digest, large.length)
    upstream.script(`GET ${path}`, sendInstead(large.subarray(0, mebibyte)))
    upstream.script(`GET ${path}`, dropHeader('content-length'))

    expect((await ask(server, path)).isComplete).toBe(false)
    await expectNotKept(server, digest)
  })
})

test('a wrong blob does no harm to a manifest with the same digest that is fetched meanwhile', async () => {
  const { upstream, server, restart } = await startMirrored()
  const repository = upstream.repository('team/app')
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: imageManifest,
      layers: [],
      note: 'x'.repeat(500),
    }),
  )
  const digest = repository.addManifest({ bytes, mediaType: imageManifest }, '1')
  repository.addBlob(bytes)
  const gate = makeGate()
  const asBlob = `/v2/team/app/blobs/${digest}`
  upstream.script(`GET ${asBlob}`, (usual) => ({
    ...usual,
    body: Buffer.alloc(bytes.length, 'wrong'),
    pauses: [{ afterBytes: 1, until: gate.opened }],
  }))

  const blob = ask(server, asBlob)
  await upstream.received(`GET ${asBlob}`)
  await vi.waitFor(async () => expect(await server.listPartials()).toHaveLength(1))
  const manifest = await ask(server, '/v2/team/app/manifests/1')
  gate.open()

  expect(manifest.body).toEqual(bytes)
  expect((await blob).status).not.toBe(200)
  await upstream.stop()
  const reply = await ask(await restart(), `/v2/team/app/manifests/${digest}`)
  expect(digestOf(reply.body)).toBe(digest)
})
