import { createConnection } from 'node:net'
import { expect, test, vi } from 'vitest'
import { buildImage, makeBytes, smallImage, threePlatforms } from '../support/image-builder.ts'
import { pushBlob } from '../support/push-over-http.ts'
import { ask, openReply } from '../support/raw-client.ts'
import { countsOf, readLedger } from '../support/read-ledger.ts'
import { operate } from '../support/run-command.ts'
import { fail, holdAfter, makeGate } from '../support/scripted-behaviour.ts'
import { startMirrored } from '../support/start-mirrored.ts'
import { requestLines, type StartedServer } from '../support/start-server.ts'

const name = 'docker.io/library/alpine'

test.each([1, 3])(
  'a pull counts for whoever asked, image by image, with %i threads',
  async (threads) => {
    const { upstream, server } = await startMirrored({ prefetch: false }, { threads })
    const image = await upstream.repository('library/alpine').addImage('1', smallImage('a'))
    const [layer] = image.layers
    // Each on a connection of its own, which any thread may take.
    await ask(server, `/v2/${name}/manifests/1`, { method: 'HEAD' })
    for (let round = 0; round < 3; round++) {
      await ask(server, `/v2/${name}/manifests/1`)
      await ask(server, `/v2/${name}/manifests/${image.descriptor.digest}`)
      await ask(server, `/v2/${name}/blobs/${layer?.digest}`)
    }
    await ask(server, `/v2/${name}/tags/list`)
    await server.stop()

    const [sum, ...others] = await readLedger(server.data, 'client', 'user', 'image')
    expect(others).toEqual([])
    expect(sum).toMatchObject({ client: '127.0.0.1', user: '', upstream: 'docker.io' })
    expect(sum).toMatchObject({ repository: 'library/alpine', tag: '1' })
    const listed = sum?.counters.servedBytes ?? 0
    expect(sum?.counters).toMatchObject({
      tagRequests: 4,
      digestRequests: 3,
      blobRequests: 3,
      listRequests: 1,
      pulls: 6,
      upstreamPulls: 1,
      broken: 0,
    })
    expect(listed).toBeGreaterThan(6 * image.bytes.length + 3 * (layer?.size ?? 0))
  },
)

test.each([1, 3])(
  'of two tags that are pulled one after the other, each has its own layers, with %i threads',
  async (threads) => {
    const { upstream, server } = await startMirrored({ prefetch: false }, { threads })
    const repository = upstream.repository('library/alpine')
    const tags = ['1', '2', '3']
    const sizes = new Map<string, number>()
    for (const tag of tags) {
      const image = await repository.addImage(tag, { seed: tag, layerSizes: [1000 + Number(tag)] })
      await ask(server, `/v2/${name}/manifests/${tag}`)
      for (const { digest } of image.layers) await ask(server, `/v2/${name}/blobs/${digest}`)
      const layers = image.layers.reduce((bytes, { size }) => bytes + size, 0)
      sizes.set(tag, image.bytes.length + layers)
    }
    await server.stop()
    const sums = await readLedger(server.data, 'image')
    for (const kind of ['servedBytes', 'fetchedBytes'] as const) {
      const counted = sums.map(({ tag = '', counters }) => [tag, counters[kind]] as const)
      expect(new Map(counted)).toEqual(sizes)
    }
  },
)

test('an index is no pull, nor is HEAD; the manifest of a platform is one', async () => {
  const { upstream, server } = await startMirrored({ prefetch: false })
  const index = await upstream
    .repository('library/alpine')
    .addIndex('1', smallImage('multi'), threePlatforms)
  const child = index.images[0]?.descriptor.digest
  await ask(server, `/v2/${name}/manifests/1`)
  await ask(server, `/v2/${name}/manifests/${child}`, { method: 'HEAD' })
  await ask(server, `/v2/${name}/manifests/${child}`)
  await server.stop()
  const [sum] = await readLedger(server.data)
  expect(sum?.counters).toMatchObject({
    pulls: 1,
    upstreamPulls: 1,
    tagRequests: 1,
    digestRequests: 2,
  })
})

test('what is fetched ahead counts for whose pull began it, to the byte', async () => {
  const { upstream, server } = await startMirrored()
  const recipe = { seed: 'ahead', layerSizes: [30_000, 200_000, 100_000] }
  const image = await upstream.repository('library/alpine').addImage('1', recipe)
  await ask(server, `/v2/${name}/manifests/1`)
  await ask(server, `/v2/${name}/blobs/${image.layers[0]?.digest}`)
  await vi.waitFor(async () => expect(await server.listBlobs()).toHaveLength(4))
  await server.stop()
  const [sum, ...others] = await readLedger(server.data, 'client', 'image')
  expect(others).toEqual([])
  expect(sum).toMatchObject({ client: '127.0.0.1', tag: '1' })
  const fetched = image.layers.reduce((bytes, { size }) => bytes + size, image.bytes.length)
  expect(sum?.counters.fetchedBytes).toBe(fetched)
})

test('what is under way is counted as it goes', async () => {
  const { upstream, server } = await startMirrored()
  const digest = upstream.repository('library/alpine').addBlob(makeBytes('long', 3_000_000))
  const gate = makeGate()
  upstream.script(`GET /v2/library/alpine/blobs/${digest}`, holdAfter(1_000_000, gate))
  const reply = await openReply(server, `/v2/${name}/blobs/${digest}`)
  await vi.waitFor(
    async () => {
      const [sum] = await readLedger(server.data)
      expect(sum?.counters.servedBytes).toBeGreaterThan(900_000)
      expect(sum?.counters).toMatchObject({ fetchedBytes: 1_000_000, blobRequests: 0 })
    },
    { timeout: 8_000, interval: 250 },
  )
  gate.open()
  await reply.finish()
  await server.stop()
  const [sum] = await readLedger(server.data)
  expect(sum?.counters).toMatchObject({
    servedBytes: 3_000_000,
    fetchedBytes: 3_000_000,
    blobRequests: 1,
    broken: 0,
  })
})

test('errors count by their kind, and what upstream sent with them', async () => {
  const { upstream, server } = await startMirrored()
  upstream.script('GET /v2/library/broken/manifests/1', fail(500))
  const missing = await ask(server, `/v2/${name}/manifests/none`)
  const broken = await ask(server, '/v2/docker.io/library/broken/manifests/1')
  await server.stop()
  const sums = await readLedger(server.data, 'outcome', 'repository')
  expect(sums.find(({ outcome }) => outcome === 'not-found')).toMatchObject({
    repository: 'library/alpine',
    counters: { tagRequests: 1, servedBytes: missing.body.length },
  })
  expect(sums.find(({ outcome }) => outcome === 'unavailable')).toMatchObject({
    repository: 'library/broken',
    counters: { tagRequests: 1, servedBytes: broken.body.length },
  })
  const fetched = sums.filter(({ outcome }) => outcome === 'miss')
  expect(fetched.every(({ counters }) => counters.fetchedBytes > 0)).toBe(true)
})

test('what is hosted is of no upstream', async () => {
  const { server } = await startMirrored({}, { access: { anonymous: 'push' } })
  const image = await pushOne(server, 'team/app')
  await ask(server, '/v2/team/app/manifests/1')
  await server.stop()
  const sums = (await readLedger(server.data, 'image', 'outcome')).filter(
    ({ outcome }) => outcome === 'hosted',
  )
  expect(sums).toMatchObject([{ upstream: '', repository: 'team/app', tag: '1' }])
  expect(sums.map(countsOf)).toEqual([
    { tagRequests: 1, pulls: 1, servedBytes: image.bytes.length },
  ])
})

test('clients have the names that mirrors.yaml gives them, users theirs', async () => {
  const names = { clients: { ci: '127.0.0.2', office: '127.0.0.0/24' }, clientAddresses: 'hashed' }
  const { upstream, server } = await startMirrored({}, names)
  await upstream.repository('library/alpine').addImage('1', smallImage('a'))
  for (const localAddress of ['127.0.0.2', '127.0.0.3', '127.0.1.1']) {
    await askFrom(server, localAddress, `/v2/${name}/manifests/1`)
  }
  const { stdout } = await operate(server, 'token', 'create', '--name', 'robot', '--json')
  const headers = { authorization: `Bearer ${JSON.parse(stdout).token}` }
  // As long as nobody can log in, nobody is asked who they are.
  await vi.waitFor(async () => {
    await ask(server, `/v2/${name}/manifests/1`, { headers })
    expect(requestLines(server).at(-1)).toMatchObject({ who: 'token robot' })
  }, 5_000)
  await server.stop()
  const sums = await readLedger(server.data, 'client', 'user')
  const found = sums.map(({ client, user }) => `${client} ${user}`).sort()
  expect(found).toEqual([
    'ci ',
    expect.stringMatching(/^client-[0-9a-f]{12} $/),
    'office ',
    'office token robot',
  ])
})

const pushOne = async (server: StartedServer, repository: string) => {
  const image = await buildImage(smallImage('own'), async (_, bytes) => {
    await pushBlob(server, repository, bytes)
  })
  const type = { 'content-type': image.descriptor.mediaType }
  const path = `/v2/${repository}/manifests/1`
  await ask(server, path, { method: 'PUT', headers: type, body: image.bytes })
  return image
}

/** Asks from that address of the loopback network, and reads the answer to its end. */
const askFrom = ({ port }: StartedServer, localAddress: string, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = createConnection({ port, host: '127.0.0.1', localAddress })
    socket
      .on('error', reject)
      .on('close', () => resolve())
      .resume()
    socket.write(`GET ${path} HTTP/1.1\r\nHost: entrepot\r\nConnection: close\r\n\r\n`)
  })
