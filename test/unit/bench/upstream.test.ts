import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import {
  digestSeededContent,
  readSeededContent,
} from '../../../bench/replay/content/seeded-content.ts'
import { type Shelf, shelveImage } from '../../../bench/replay/content/shelf.ts'
import { Registry, type RegistrySettings } from '../../../bench/replay/upstream/registry.ts'
import { Stock } from '../../../bench/replay/upstream/stock.ts'

const layer = { seed: 2, sizeBytes: 100_000 }
const image = shelveImage(
  'library/alpine',
  { seed: 1, configBytes: 2000, layers: [layer], ownLayers: [layer], platforms: 3 },
  ({ seed, sizeBytes }) => ({ seed, sizeBytes, digest: digestSeededContent(seed, sizeBytes) }),
)
const shelf: Shelf = {
  blobs: [image.config, ...image.layers],
  manifests: image.manifests,
  tags: [{ repository: 'library/alpine', tag: 'latest', digest: image.digest }],
}
const layerPath = `library/alpine/blobs/${image.layers[0]?.digest}`
const tagPath = 'library/alpine/manifests/latest'

const start = async (settings: RegistrySettings = { delayMs: 0 }) => {
  const registry = new Registry(new Stock(shelf), settings)
  const server = createServer((incoming, outgoing) => void registry.answer(incoming, outgoing))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const scope = 'repository:library/alpine:pull'
  const granted = await fetch(`${url}/token?scope=${scope}`)
  const { token } = (await granted.json()) as { token: string }
  const ask = (path: string, { method = 'GET', headers = {} } = {}) =>
    fetch(`${url}/v2/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
    })
  const close = async () => {
    server.close()
    server.closeAllConnections()
  }
  return { registry, url, ask, [Symbol.asyncDispose]: close }
}

test('without a token it says where to get one', async () => {
  await using upstream = await start()
  const response = await fetch(`${upstream.url}/v2/${tagPath}`)
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toBe(
    `Bearer realm="${upstream.url}/token",service="replay",scope="repository:library/alpine:pull"`,
  )
})

test('a token opens its own repository only', async () => {
  await using upstream = await start()
  expect((await upstream.ask(tagPath)).status).toBe(200)
  expect((await upstream.ask('library/debian/manifests/latest')).status).toBe(401)
})

test('a tag names the index, with its digest and type', async () => {
  await using upstream = await start()
  const response = await upstream.ask(tagPath)
  expect(response.headers.get('docker-content-digest')).toBe(image.digest)
  expect(response.headers.get('content-type')).toBe('application/vnd.oci.image.index.v1+json')
  expect(await response.text()).toBe(image.manifests[0]?.text)
})

test('only GETs of manifests count as pulls, and beyond the limit they get 429', async () => {
  const limit = { pulls: 2, windowMs: 60_000 }
  await using upstream = await start({ delayMs: 0, limit })
  for (let head = 0; head < 5; head++) await upstream.ask(tagPath, { method: 'HEAD' })
  await upstream.ask(layerPath).then((response) => response.bytes())
  const first = await upstream.ask(tagPath)
  expect(first.headers.get('ratelimit-limit')).toBe('2;w=60')
  expect(first.headers.get('ratelimit-remaining')).toBe('1;w=60')
  expect((await upstream.ask(tagPath)).status).toBe(200)
  const refused = await upstream.ask(tagPath)
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50)
  expect(upstream.registry.counts).toMatchObject({
    manifestHeads: 5,
    manifestGets: 3,
    tooManyRequests: 1,
    blobGets: 1,
    blobBytes: layer.sizeBytes,
  })
})

test('a range of a layer is what it is of the whole', async () => {
  await using upstream = await start()
  const whole = Buffer.concat([...readSeededContent(layer.seed, 0, layer.sizeBytes)])
  const response = await upstream.ask(layerPath, { headers: { range: 'bytes=70000-' } })
  expect(response.status).toBe(206)
  expect(response.headers.get('content-range')).toBe('bytes 70000-99999/100000')
  expect(whole.subarray(70_000).equals(await response.bytes())).toBe(true)
  expect(upstream.registry.counts).toMatchObject({ rangedBlobGets: 1, mostWholeGetsOfOneBlob: 0 })
})

test('a range beyond the end is refused', async () => {
  await using upstream = await start()
  const response = await upstream.ask(layerPath, { headers: { range: 'bytes=100000-' } })
  expect(response.status).toBe(416)
})
