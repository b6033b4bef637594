import { describe, expect, test, vi } from 'vitest'
import { makeBytes } from '../support/image-builder.ts'
import { ask } from '../support/raw-client.ts'
import { fail, makeGate, sendInstead, waitFor } from '../support/scripted-behaviour.ts'
import { blobPath, type Layered, startLayered } from '../support/start-layered.ts'
import { pullUntilKept } from '../support/start-mirrored.ts'

/** Of two connections one is spare: layers come one after another. */
const oneAtATime = { maxConnections: 2 }

/** All but an image's first layer wait at upstream until the gate is open. */
const holdOthers = ({ upstream }: Layered, first: string | undefined) => {
  const gate = makeGate()
  const others = new RegExp(`^GET .*/blobs/(?!${first})`)
  return { gate, others, release: upstream.script(others, waitFor(gate)) }
}

const warnings = ({ server }: Layered) => server.log.filter(({ level }) => Number(level) >= 40)

describe('what is fetched ahead', () => {
  test('is three layers of an image at once, however many of it are asked for', async () => {
    const layered = await startLayered()
    const image = layered.addImage('1', 10)
    const asked = `(${image.layers[0]}|${image.layers[9]})`
    const { gate, others, release } = holdOthers(layered, asked)
    await layered.pullManifest('1')
    await layered.pullLayer(image, 0)
    await layered.upstream.received(others, 3)
    expect((await layered.pullLayer(image, 9)).headers['x-entrepot-cache']).toBe('miss')

    release()
    await layered.afterAnother()
    expect([...layered.fetched(image)].sort()).toEqual([0, 1, 2, 3, 9])

    gate.open()
    await layered.kept(image)
  })

  test('leaves half of maxConnections to clients, who wait for none of it', async () => {
    const layered = await startLayered({ maxConnections: 6 })
    const images = ['1', '2'].map((tag) => layered.addImage(tag, 4))
    const [first, second] = images
    if (!first || !second) throw new Error('two images were made')
    const firstLayers = `(${first.layers[0]}|${second.layers[0]})`
    const { gate, others } = holdOthers(layered, firstLayers)
    for (const image of images) {
      await layered.pullManifest(image.digest)
      await layered.pullLayer(image, 0)
    }
    await layered.upstream.received(others, 3)

    const blobs = Array.from({ length: 4 }, (_, at) =>
      layered.repository.addBlob(makeBytes(`client's ${at}`, 100)),
    )
    const replies = blobs.map((digest) => ask(layered.server, blobPath(digest)))
    await layered.upstream.received(others, 6)
    const { body } = await ask(layered.server, '/api/v1/upstreams')
    expect(JSON.parse(body.toString()).upstreams[0].blobs).toEqual({ underWay: 6, waiting: 1 })
    const askedFor = layered.upstream.find(others).slice(3)
    for (const { url } of askedFor) expect(blobs.map(blobPath)).toContain(url)

    gate.open()
    for (const { status } of await Promise.all(replies)) expect(status).toBe(200)
    for (const image of images) await layered.kept(image)
  })

  test('waits for the blobs that clients have asked for', async () => {
    const layered = await startLayered(oneAtATime)
    const image = layered.addImage('1', 3)
    const [mine, next] = ['mine', 'next'].map((seed) =>
      layered.repository.addBlob(makeBytes(seed, 100)),
    )
    const gate = makeGate()
    layered.upstream.script(`GET ${blobPath(mine)}`, waitFor(gate))
    const held = ask(layered.server, blobPath(mine))
    await layered.upstream.received(`GET ${blobPath(mine)}`)
    await layered.pullManifest('1')

    await layered.pullLayer(image, 0)
    await pullUntilKept(layered.server, blobPath(next))

    expect(layered.fetched(image)).toEqual([0])
    gate.open()
    await held
    await layered.kept(image)
  })

  test('is what clients attach to who ask for it', async () => {
    const layered = await startLayered()
    const image = layered.addImage('1', 3)
    const { gate, others } = holdOthers(layered, image.layers[0])
    await layered.pullManifest('1')
    await layered.pullLayer(image, 0)
    await layered.upstream.received(others, 2)

    const replies = [1, 2, 1].map((at) => layered.pullLayer(image, at))
    gate.open()

    for (const { status, headers } of await Promise.all(replies)) {
      expect(status).toBe(200)
      expect(headers['x-entrepot-cache']).toBe('miss')
    }
    expect([...layered.fetched(image)].sort()).toEqual([0, 1, 2])
  })

  test('is fetched once though its client asks for everything at once', async () => {
    const layered = await startLayered()
    const image = layered.addImage('1', 12)
    await layered.pullManifest('1')

    const replies = await Promise.all(image.layers.map((_, at) => layered.pullLayer(image, at)))

    for (const [at, { body }] of replies.entries()) {
      expect(body).toEqual(layered.repository.blobs.get(image.layers[at] ?? ''))
    }
    await layered.kept(image)
    expect(layered.fetched(image)).toHaveLength(12)
  })

  test('belongs to its repository as if a client had asked', async () => {
    const layered = await startLayered()
    const image = layered.addImage('1', 3)
    await layered.pullManifest('1')
    await layered.pullLayer(image, 0)
    await layered.kept(image)

    await pullUntilKept(layered.server, blobPath(image.layers[2]))
    expect(layered.upstream.count(/^HEAD/)).toBe(0)
    const elsewhere = await ask(layered.server, `/v2/team/other/blobs/${image.layers[2]}`)
    expect(elsewhere.status).toBe(404)
  })
})

describe('what cannot be fetched ahead', () => {
  test('keeps the others from nothing where upstream does not have it', async () => {
    const layered = await startLayered(oneAtATime)
    const image = layered.addImage('1', 4)
    const missing = image.layers[1] ?? ''
    layered.upstream.script(`GET ${blobPath(missing)}`, fail(404))
    await layered.pullManifest('1')

    await layered.pullLayer(image, 0)

    await layered.kept({ layers: image.layers.filter((digest) => digest !== missing) })
    expect(layered.fetched(image)).toEqual([0, 1, 2, 3])
    expect(warnings(layered)).toEqual([])
  })

  test('is not tried again, nor what is behind it, until a client asks', async () => {
    const layered = await startLayered(oneAtATime)
    const image = layered.addImage('1', 5)
    const allow = layered.upstream.script(`GET ${blobPath(image.layers[1])}`, fail(403))
    await layered.pullManifest('1')
    await layered.pullLayer(image, 0)
    await layered.upstream.received(`GET ${blobPath(image.layers[1])}`)
    await layered.afterAnother()
    expect(layered.fetched(image)).toEqual([0, 1])
    expect(warnings(layered)).toEqual([])

    await layered.pullLayer(image, 3)
    await layered.kept({ layers: image.layers.slice(2) })
    await layered.afterAnother()
    expect(layered.fetched(image)).toEqual([0, 1, 3, 4, 2])

    allow()
    expect((await layered.pullLayer(image, 1)).status).toBe(200)
  })

  test('says nothing, and is left alone while upstream limits requests', async () => {
    const layered = await startLayered(oneAtATime)
    const image = layered.addImage('1', 4)
    layered.upstream.script(`GET ${blobPath(image.layers[1])}`, fail(429, { 'retry-after': '60' }))
    await layered.pullManifest('1')
    const reply = await layered.pullLayer(image, 0)
    expect(reply.status).toBe(200)
    await layered.upstream.received(`GET ${blobPath(image.layers[1])}`)
    await vi.waitFor(() => expect(warnings(layered)).toHaveLength(1))

    await pullUntilKept(layered.server, blobPath(image.layers[0]))

    await layered.server.stop()
    expect(layered.fetched(image)).toEqual([0, 1])
    expect(warnings(layered).map(({ msg }) => msg)).toEqual([
      expect.stringContaining("isn't asked for"),
    ])
  })

  test('is not kept where its bytes are wrong', async () => {
    const layered = await startLayered(oneAtATime)
    const image = layered.addImage('1', 3)
    const wrong = makeBytes('wrong', 4096)
    const wrongPath = `GET ${blobPath(image.layers[1])}`
    const mend = layered.upstream.script(wrongPath, sendInstead(wrong))
    await layered.pullManifest('1')
    await layered.pullLayer(image, 0)
    await layered.kept({ layers: image.layers.filter((_, at) => at !== 1) })
    mend()

    const reply = await layered.pullLayer(image, 1)

    expect(reply.body).toEqual(layered.repository.blobs.get(image.layers[1] ?? ''))
    expect(warnings(layered)).toEqual([])
  })
})

describe('a server that stops', () => {
  test('breaks off what is fetched ahead, and waits for no more of it', async () => {
    const layered = await startLayered()
    const image = layered.addImage('1', 10)
    const { others } = holdOthers(layered, image.layers[0])
    await layered.pullManifest('1')
    await layered.pullLayer(image, 0)
    await layered.upstream.received(others, 3)

    await layered.server.stop()

    await vi.waitFor(() => expect(layered.upstream.openResponses).toBe(0))
    expect(layered.fetched(image)).toHaveLength(4)
    expect(warnings(layered)).toEqual([])
  })

  test('does not wait for spare slots that images wait for', async () => {
    const layered = await startLayered(oneAtATime)
    const images = ['1', '2', '3'].map((tag) => layered.addImage(tag, 5))
    const first = images.map(({ layers }) => layers[0]).join('|')
    const { others } = holdOthers(layered, `(${first})`)
    for (const image of images) {
      await layered.pullManifest(image.digest)
      await layered.pullLayer(image, 0)
    }
    await layered.upstream.received(others)

    await layered.server.stop()

    expect(layered.upstream.count(others)).toBe(1)
  })

  test('goes on when a client asks again', async () => {
    const layered = await startLayered()
    const image = layered.addImage('1', 6)
    const { others, release } = holdOthers(layered, image.layers[0])
    await layered.pullManifest('1')
    await layered.pullLayer(image, 0)
    await layered.upstream.received(others, 3)
    release()
    await layered.restart()

    await layered.pullLayer(image, 1)

    await layered.kept(image)
  })
})
