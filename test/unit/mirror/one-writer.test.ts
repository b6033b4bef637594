import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { systemClock } from '../../../src/clock.ts'
import { Leases } from '../../../src/mirror/leases.ts'
import { Mirror } from '../../../src/mirror/mirror.ts'
import { digestOf } from '../../../src/oci/digest.ts'
import { ociManifest } from '../../../src/oci/media-type.ts'
import { openStores, type Stores } from '../../../src/store/open-stores.ts'
import { readBlob } from '../../../src/store/put-blob.ts'
import { uncounted } from '../../../src/upstream/fetch-meter.ts'
import {
  makeTemporaryDirectory,
  type TemporaryDirectory,
} from '../../support/temporary-directory.ts'
import { checkYaml } from '../config/check-yaml.ts'

const bytes = Buffer.from(
  JSON.stringify({ mediaType: ociManifest, layers: [], pad: 'x'.repeat(200_000) }),
)
const digest = digestOf(bytes)
const sentAtOnce = 100_000

let directory: TemporaryDirectory
let stores: Stores
let mirror: Mirror
let upstream: Server
let blobAnswer: PromiseWithResolvers<ServerResponse>

/** Gives the manifest under /manifests/; under /blobs/ half of it, and the rest as the test likes. */
beforeEach(async () => {
  blobAnswer = Promise.withResolvers()
  upstream = createServer((request, response) => {
    if (request.url?.includes('/manifests/')) {
      response.setHeader('Content-Type', ociManifest)
      return response.end(bytes)
    }
    if (!request.url?.includes('/blobs/')) return response.end('{}')
    response.setHeader('Content-Length', bytes.length)
    response.write(bytes.subarray(0, sentAtOnce))
    blobAnswer.resolve(response)
  }).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  directory = await makeTemporaryDirectory()
  const onError = () => {}
  const outages = { onOutage: () => {}, onOutageEnd: () => {}, onBudget: () => {} }
  const meter = uncounted
  const tell = { onError, onFault: () => {}, onRecovered: () => {} }
  stores = await openStores(directory.path, tell)
  const { port } = upstream.address() as AddressInfo
  const config = checkYaml(
    `{defaultUpstream: up.example, upstreams: {up.example: {url: "http://127.0.0.1:${port}"}}}`,
  )
  const leases = new Leases()
  mirror = await Mirror.open({
    stores,
    config,
    clock: systemClock,
    leases,
    onError,
    outages,
    meter,
  })
})
afterEach(async () => {
  await mirror.close()
  await stores.close()
  upstream.closeAllConnections()
  upstream.close()
  await directory.remove()
})

test('a manifest that is fetched as a blob too is kept as what it is', async () => {
  const source = mirror.resolve({ name: 'up.example/a' })
  const pull = await mirror.pullBlob(source, digest)
  const { reader } = await pull.openRange({ start: 0, end: bytes.length - 1 }, { isOnly: true })
  await reader.read(Buffer.alloc(1), sentAtOnce - 1)
  await mirror.pullManifest(source, digest, 'GET')

  // The rest of the blob turns out wrong, long after the manifest was verified and kept.
  const rest = await blobAnswer.promise
  rest.end(Buffer.alloc(bytes.length - sentAtOnce, 'Z'))
  await reader.read(Buffer.alloc(1), bytes.length - 1).catch(() => {})
  await reader.close()
  await pull.close()
  const kept = await readBlob(stores.blobs, digest)
  expect(kept && digestOf(kept)).toBe(digest)
})
